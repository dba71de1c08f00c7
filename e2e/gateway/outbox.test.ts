import { createHash } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { json, stall, startFaultServer, status, type Script } from "@steadfetch/testing/fault-server"
import { startGateway, type Configuration, type Upstream } from "@steadfetch/gateway"
import { describe, expect, onTestFinished, test } from "vitest"
import { startSteadfetch } from "../cli/steadfetch-process.ts"
import { ask, type Answer, type Asked } from "./caller.ts"
import { house, received, type House } from "./house.ts"
import { RawConnection } from "./raw.ts"

const ASYNC = { prefer: "respond-async" }
const UUID = "[\\da-f]{8}-[\\da-f]{4}-7[\\da-f]{3}-[89ab][\\da-f]{3}-[\\da-f]{12}"

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "steadfetch-"))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

/** A gateway with an outbox, and its upstream. */
async function outboxHouse(
  script: Script,
  settings: Partial<Upstream> = {},
  more: Partial<Configuration> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<House> {
  const outbox = { file: join(await folder(), "outbox.db"), backoff: { baseMs: 1, maxMs: 1 } }
  return house(script, settings, { outbox, ...more }, { env })
}

const post = (origin: string, path: string, { headers = {}, ...rest }: Asked = {}): Promise<Answer> =>
  ask(origin, path, { method: "POST", headers: { ...ASYNC, ...(headers as object) }, ...rest })

interface Status {
  readonly id: string
  readonly state: string
  readonly tries: number
  readonly reply?: string
  readonly nextAt?: string
  readonly last?: { readonly status?: number; readonly message?: string; readonly code?: string }
}

const statusOf = (answer: Answer): Status => JSON.parse(answer.text) as Status
const problem = ({ status, text, headers }: Answer): unknown => {
  expect(headers["content-type"]).toBe("application/problem+json")
  return [status, (JSON.parse(text) as { code: string }).code]
}

/** What is told of an entry once it stands so. */
async function untilState(origin: string, location: string | undefined, state: string, tries = 0): Promise<Status> {
  let found: Status | undefined
  const look = async (): Promise<boolean> => {
    found = statusOf(await ask(origin, location))
    return found.state === state && found.tries >= tries
  }
  await expect.poll(look, { timeout: 20_000 }).toBe(true)
  if (found === undefined) throw new Error("it was not looked at")
  return found
}

describe("a request with Prefer: respond-async", () => {
  test("is answered at once, delivered, and its reply is kept", async () => {
    await using stage = await outboxHouse({ "POST /pay": json(201, { paid: 5 }, { headers: { "X-Own": "yes" } }) })
    const headers = { "content-type": "application/json", "x-a": "b", "accept-encoding": "gzip" }
    const answer = await post(stage.origin, "/pay?x=1", { body: '{"amount":5}', headers })
    expect(answer.status).toBe(202)
    expect(answer.headers).toMatchObject({
      location: expect.stringMatching(new RegExp(`^/-/outbox/${UUID}$`)) as string,
      "preference-applied": "respond-async",
      "content-type": "application/json",
      "cache-control": "no-store",
    })
    const { location } = answer.headers
    const { tries, reply } = await untilState(stage.origin, location, "delivered")
    expect([tries, reply]).toEqual([1, `${location}/reply`])
    const [request] = stage.upstream.requests
    expect([request?.method, request?.target]).toEqual(["POST", "/pay?x=1"])
    expect(Buffer.from(request?.body.kept ?? []).toString()).toBe('{"amount":5}')
    const names = ["content-type", "x-a", "content-length", "prefer", "steadfetch-upstream", "x-forwarded-for", "accept-encoding"] // prettier-ignore
    expect(names.map((name) => received(stage.upstream, name))).toEqual([
      "application/json",
      "b",
      "12",
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect(received(stage.upstream, "via")).toMatch(/^1\.1 steadfetch-/)
    expect(received(stage.upstream, "idempotency-key")).toMatch(/.{16}/)
    const kept = await ask(stage.origin, reply)
    expect([kept.status, kept.text]).toEqual([201, '{"paid":5}'])
    expect(kept.headers).toMatchObject({ "x-own": "yes", "steadfetch-outbox": "delivered" })
  })

  test("is made again after a 5xx, with the same key and the upstream's credentials", async () => {
    const auth = { bearer: { env: "TOKEN" } }
    const env = { TOKEN: "s3cret-t0ken" }
    await using stage = await outboxHouse({ "/*": [status(503), status(500), json(200, {})] }, { auth }, {}, env)
    const { location } = (await post(stage.origin, "/a")).headers
    expect((await untilState(stage.origin, location, "delivered")).tries).toBe(3)
    const keys = stage.upstream.requests.map((_, index) => received(stage.upstream, "idempotency-key", index))
    expect(new Set(keys).size).toBe(1)
    expect(received(stage.upstream, "authorization", 2)).toBe("Bearer s3cret-t0ken")
  })

  test("is rejected by a 4xx, by the upstream's contract, and tells the server's words", async () => {
    const script: Script = {
      "/bad": json(422, { detail: "amount is missing" }),
      "/taken": json(409, { detail: "there already" }),
    }
    await using stage = await outboxHouse(script, { contract: { rows: { 409: "accept" } } })
    const bad = await post(stage.origin, "/bad", { method: "PUT", body: "x" })
    const { last, reply } = await untilState(stage.origin, bad.headers.location, "rejected")
    expect(last).toMatchObject({ status: 422, message: "amount is missing" })
    const kept = await ask(stage.origin, reply)
    expect([kept.status, kept.text]).toEqual([422, '{"detail":"amount is missing"}'])
    const taken = await post(stage.origin, "/taken")
    await untilState(stage.origin, taken.headers.location, "delivered")
    expect(stage.upstream.requests.length).toBe(2)
  })

  test("has no reply as long as it waits, and can be discarded until it is delivered", async () => {
    await using stage = await outboxHouse({ "/*": status(429, { headers: { "Retry-After": "1000" } }) })
    const { location = "" } = (await post(stage.origin, "/a")).headers
    const waiting = await untilState(stage.origin, location, "waiting", 1)
    expect(waiting.last).toMatchObject({ status: 429 })
    const early = await ask(stage.origin, `${location}/reply`)
    expect([early.status, statusOf(early).state, early.headers["steadfetch-outbox"]]).toEqual([
      202,
      "waiting",
      "waiting",
    ])
    expect(Number((await ask(stage.origin, location)).headers["retry-after"])).toBeGreaterThan(900)
    expect((await ask(stage.origin, location, { method: "DELETE" })).status).toBe(204)
    expect(statusOf(await ask(stage.origin, location)).state).toBe("discarded")
    expect(problem(await ask(stage.origin, location, { method: "DELETE" }))).toEqual([409, "state"])
    expect(problem(await ask(stage.origin, `${location}/reply`))).toEqual([410, "no-reply"])
    expect(problem(await ask(stage.origin, location, { method: "POST" }))).toEqual([405, "method"])
    expect((await ask(stage.origin, location, { method: "HEAD" })).text).toBe("")
  })

  test("with a key is written down once; another request with it is refused", async () => {
    await using stage = await outboxHouse({ "/*": json(200, {}) }, { idempotencyKey: { format: "quoted" } })
    const once = (body: string, path = "/a", more = {}): Promise<Answer> =>
      post(stage.origin, path, { body, headers: { "idempotency-key": '"order-17"', ...more } })
    const first = await once("x")
    const again = await once("x", "/a", { traceparent: "00-1-2-01", "x-request-id": "other" })
    expect([again.status, again.headers.location]).toEqual([202, first.headers.location])
    expect(problem(await once("y"))).toEqual([422, "key-in-use"])
    expect(problem(await once("x", "/b"))).toEqual([422, "key-in-use"])
    await untilState(stage.origin, first.headers.location, "delivered")
    expect(stage.upstream.requests.map((_, index) => received(stage.upstream, "idempotency-key", index))).toEqual(['"order-17"']) // prettier-ignore
  })

  test("waits for those before it that have its ordering key", async () => {
    await using stage = await outboxHouse({ "/1": json(400, {}), "/*": json(200, {}) })
    const headers = { "steadfetch-ordering-key": "account-7" }
    const first = await post(stage.origin, "/1", { headers })
    const second = await post(stage.origin, "/2", { headers })
    const other = await post(stage.origin, "/3")
    await untilState(stage.origin, first.headers.location, "rejected")
    await untilState(stage.origin, other.headers.location, "delivered")
    expect(statusOf(await ask(stage.origin, second.headers.location))).toMatchObject({
      state: "waiting",
      orderingKey: "account-7",
    })
    await ask(stage.origin, first.headers.location, { method: "DELETE" })
    await untilState(stage.origin, second.headers.location, "delivered")
  })

  test("is streamed into the store, and out of it, however long it is", async () => {
    const hash = createHash("sha256")
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 160; count++) {
        const piece = Buffer.alloc(64 * 1024, count)
        hash.update(piece)
        yield piece
      }
    }
    await using stage = await outboxHouse({ "/*": json(200, {}) })
    const answer = await post(stage.origin, "/large", { body: pieces() })
    await untilState(stage.origin, answer.headers.location, "delivered")
    const [request] = stage.upstream.requests
    expect(request?.body).toMatchObject({ lengthBytes: 10 * 1024 * 1024, sha256: hash.digest("hex") })
  })

  test("whose body breaks off is not written down", async () => {
    await using stage = await outboxHouse({ "/*": json(200, {}) }, {}, { admin: { port: 0 } })
    {
      using connection = await RawConnection.to(stage.origin)
      connection.write("POST /a HTTP/1.1\r\nHost: localhost\r\nPrefer: respond-async\r\nContent-Length: 9\r\n\r\nhalf")
    }
    await untilState(stage.origin, (await post(stage.origin, "/b")).headers.location, "delivered")
    const admin = stage.gateway.adminOrigin ?? ""
    const under = "steadfetch_gateway_requests_under_way 0"
    const told = async (): Promise<string> => (await ask(admin, "/-/metrics")).text
    await expect.poll(told, { timeout: 10_000 }).toContain(under)
    expect(await told()).not.toContain('code="defect"')
    expect(stage.upstream.requests.map(({ target }) => target)).toEqual(["/b"])
  })

  test("is taken up after 100-continue, and the connection goes on", async () => {
    await using stage = await outboxHouse({ "/*": json(200, {}) })
    const answer = await post(stage.origin, "/a", { body: "x", headers: { expect: "100-continue" } })
    expect([answer.status, answer.interim]).toEqual([202, [100]])
  })
})

describe("what is not written down", () => {
  test.each([
    ["a credential", "/a", { authorization: "Bearer s3cret" }, 400, "credential"],
    ["a cookie", "/a", { cookie: "a=s3cret" }, 400, "credential"],
    ["an API key", "/a", { "x-api-key": "s3cret" }, 400, "credential"],
    ["a secret in the query", "/a?token=s3cret", {}, 400, "credential"],
    ["an empty key", "/a", { "idempotency-key": "" }, 400, "bad-key"],
    ["a long key", "/a", { "idempotency-key": "k".repeat(401) }, 400, "bad-key"],
    ["a long ordering key", "/a", { "steadfetch-ordering-key": "k".repeat(401) }, 400, "bad-key"],
    ["no lifetime", "/a", { "steadfetch-lifetime": "1.5" }, 400, "bad-lifetime"],
    ["a short lifetime", "/a", { "steadfetch-lifetime": "0" }, 400, "bad-lifetime"],
  ])("%s", async (_, path, headers, code, name) => {
    await using stage = await outboxHouse({ "/*": json(200, {}) })
    const answer = await post(stage.origin, path, { headers, body: "x" })
    expect(problem(answer)).toEqual([code, name])
    expect(answer.text).not.toContain("s3cret")
    expect(stage.upstream.requests.length).toBe(0)
  })

  test("a body above the upstream's limit, announced or not", async () => {
    await using stage = await outboxHouse({ "/*": json(200, {}) }, { body: { mostBytes: 100_000 } })
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 100; count++) yield new Uint8Array(100_000)
    }
    expect(problem(await post(stage.origin, "/a", { body: pieces() }))).toEqual([413, "body-too-long"])
    expect(problem(await post(stage.origin, "/a", { body: "x".repeat(100_001) }))).toEqual([413, "body-too-long"])
    expect((await post(stage.origin, "/a", { body: "x".repeat(100_000) })).status).toBe(202)
  })

  test("a body above the outbox's limit", async () => {
    const outbox = { file: join(await folder(), "outbox.db"), limits: { bodyBytes: 5 } }
    await using stage = await outboxHouse({ "/*": json(200, {}) }, {}, { outbox })
    const answer = await post(stage.origin, "/a", {
      body: "123456",
      headers: { expect: "100-continue", "content-length": "6" },
    })
    expect([problem(answer), answer.interim]).toEqual([[413, "body-too-long"], []])
  })

  test("nothing, where a name only looks a little like a credential's", async () => {
    await using stage = await outboxHouse({ "/*": json(200, {}) })
    expect((await post(stage.origin, "/a?keyword=1&author=2&q={a}")).status).toBe(202)
    await stage.upstream.received(1)
    expect(stage.upstream.requests[0]?.target).toBe("/a?keyword=1&author=2&q=%7Ba%7D")
  })

  test("more than may wait", async () => {
    const outbox = { file: join(await folder(), "outbox.db"), limits: { entries: 0 } }
    await using stage = await outboxHouse({ "/*": json(200, {}) }, {}, { outbox })
    expect(problem(await post(stage.origin, "/a"))).toEqual([503, "outbox-full"])
  })

  test.each([
    ["a GET", {}, { method: "GET" }, {}],
    ["an upstream that takes no part", { outbox: false } as const, {}, {}],
    ["a gateway without an outbox", {}, {}, { outbox: undefined }],
    ["another preference", {}, { headers: { prefer: "return=minimal" } }, {}],
  ])("%s: the call is made at once", async (_, settings, asked, more) => {
    await using stage = await outboxHouse({ "/*": json(200, {}) }, settings, more)
    const answer = await post(stage.origin, "/a", asked)
    expect([answer.status, answer.headers["preference-applied"]]).toEqual([200, undefined])
  })
})

describe("the status pages", () => {
  test("take nothing from upstreams but the paths of entries", async () => {
    await using stage = await outboxHouse({ "/*": json(200, { from: "upstream" }) })
    for (const path of ["/-/outbox", "/-/outbox/", "/-/outbox/7", "/-/outboxes/x"])
      expect((await ask(stage.origin, path)).text).toBe('{"from":"upstream"}')
    const unknown = "/-/outbox/019ad2c3-7e00-7000-8000-000000000000"
    for (const path of [unknown, `${unknown}/reply`])
      expect(problem(await ask(stage.origin, path))).toEqual([404, "unknown-entry"])
    expect(problem(await ask(stage.origin, unknown, { method: "DELETE" }))).toEqual([404, "unknown-entry"])
  })

  test("are for those who may use the gateway", async () => {
    const more = { token: { env: "TOKEN" } }
    await using stage = await outboxHouse({ "/*": json(200, {}) }, {}, more, { TOKEN: "t0ken" })
    const shown = { "steadfetch-token": "t0ken" }
    const { location } = (await post(stage.origin, "/a", { headers: shown })).headers
    expect((await ask(stage.origin, location, { headers: shown })).status).toBe(200)
    expect(problem(await ask(stage.origin, location))).toEqual([401, "token"])
    expect(problem(await ask(stage.origin, location, { headers: { ...shown, host: "evil.test" } }))).toEqual([421, "unknown-host"]) // prettier-ignore
    expect(problem(await ask(stage.origin, location, { headers: { ...shown, origin: "https://evil.test" } }))).toEqual([403, "web-page"]) // prettier-ignore
  })

  test("what was rejected is changed on the page, by nobody else than the page", async () => {
    const script: Script = { "/*": [json(422, { detail: "amount is missing" }), json(200, {})] }
    const more = { admin: { port: 0 }, token: { env: "TOKEN" }, allow: { origins: ["https://app.test"] } }
    await using stage = await outboxHouse(script, {}, more, { TOKEN: "t0ken" })
    const shown = { "steadfetch-token": "t0ken" }
    const sent = await post(stage.origin, "/pay", {
      body: "{}",
      headers: { ...shown, "content-type": "application/json" },
    })
    const { id } = statusOf(sent)
    const told = async (): Promise<string> =>
      statusOf(await ask(stage.origin, `/-/outbox/${id}`, { headers: shown })).state
    await expect.poll(told, { timeout: 10_000 }).toBe("rejected")
    const admin = stage.gateway.adminOrigin ?? ""
    const page = `/-/watch/outbox/${id}`
    const authorization = `Basic ${Buffer.from("me:t0ken").toString("base64")}`
    const { version, text } = JSON.parse((await ask(admin, page, { headers: { authorization } })).text) as { version: number; text: string } // prettier-ignore
    expect(text).toBe("{}")
    const act = async (headers: Record<string, string>): Promise<number> => {
      const body = JSON.stringify({ action: "amend", version, body: '{"amount":5}', type: "application/json" })
      return (
        await ask(admin, page, { method: "POST", body, headers: { "content-type": "application/json", ...headers } })
      ).status
    }
    expect(await act({ origin: admin })).toBe(401)
    expect(await act({ authorization })).toBe(403)
    expect(await act({ authorization, origin: "https://evil.test" })).toBe(403)
    // It may use the gateway, and not this page.
    expect(await act({ authorization, origin: "https://app.test" })).toBe(403)
    expect((await ask(admin, "/-/metrics", { method: "POST", headers: { authorization, origin: admin } })).status).toBe(
      405,
    )
    expect(await told()).toBe("rejected")
    expect(await act({ authorization, origin: admin })).toBe(200)
    await expect.poll(told, { timeout: 10_000 }).toBe("delivered")
    expect(Buffer.from(stage.upstream.requests[1]?.body.kept ?? []).toString()).toBe('{"amount":5}')
    expect(received(stage.upstream, "content-type", 1)).toBe("application/json")
  })

  test("metrics and readiness tell of the outbox", async () => {
    await using stage = await outboxHouse({ "/bad": json(400, {}), "/*": json(200, {}) }, {}, { admin: { port: 0 } })
    const admin = stage.gateway.adminOrigin ?? ""
    await untilState(stage.origin, (await post(stage.origin, "/a")).headers.location, "delivered")
    await untilState(stage.origin, (await post(stage.origin, "/bad")).headers.location, "rejected")
    const told = async (): Promise<string> => (await ask(admin, "/-/metrics")).text
    await expect.poll(told, { timeout: 10_000 }).toContain('steadfetch_gateway_outbox_entries{state="rejected"} 1')
    const text = await told()
    expect(text).toContain('steadfetch_gateway_outbox_deliveries_total{upstream="api",end="delivered"} 1')
    expect(text).toContain("steadfetch_gateway_outbox_up 1")
    expect((await ask(admin, "/-/ready")).text).toBe("ready\noutbox: 0 wait, 1 need somebody\n")
  })
})

describe("running", () => {
  test("closing waits for the delivery under way, and a new gateway delivers the rest", async () => {
    const file = join(await folder(), "outbox.db")
    const outbox = { file, concurrency: { perOrigin: 1 } }
    const script: Script = { "/slow": json(200, {}, { delayMs: 300 }), "/*": json(200, {}) }
    await using stage = await outboxHouse(script, {}, { outbox, shutdownMs: 10_000 })
    const slow = await post(stage.origin, "/slow")
    await stage.upstream.received(1)
    const next = await post(stage.origin, "/next")
    await stage.gateway.close()
    expect(stage.upstream.requests.map(({ target }) => target)).toEqual(["/slow"])
    const upstreams = { api: { url: stage.upstream.origin } }
    await using second = await startGateway({ listen: { port: 0 }, admin: false, outbox, upstreams })
    expect(statusOf(await ask(second.origin, slow.headers.location)).state).toBe("delivered")
    await untilState(second.origin, next.headers.location, "delivered")
    expect(stage.upstream.requests.map(({ target }) => target)).toEqual(["/slow", "/next"])
  })

  test("an entry whose upstream has moved waits, and no other upstream's credentials go with it", async () => {
    const outbox = { file: join(await folder(), "outbox.db"), perSecond: 0.001 }
    await using stage = await outboxHouse({ "/*": json(200, {}) }, {}, { outbox })
    await post(stage.origin, "/a")
    const { location } = (await post(stage.origin, "/b")).headers
    await stage.upstream.received(1)
    await stage.gateway.close()
    await using moved = await house({ "/*": json(200, {}) }, {}, { outbox: { file: outbox.file } })
    const last = async (): Promise<unknown> => statusOf(await ask(moved.origin, location)).last?.message
    await expect.poll(last, { timeout: 10_000 }).toContain('no upstream "api" of the configuration has the URL')
    expect([stage.upstream.requests.length, moved.upstream.requests.length]).toEqual([1, 0])
  })

  test("a gateway that was killed delivers after it is started again, with the same key", async () => {
    const file = join(await folder(), "outbox.db")
    const upstream = await startFaultServer({ "/*": [stall("before-headers"), json(200, {})] })
    onTestFinished(() => upstream.close())
    const start = async () => {
      const args = ["--upstream", upstream.origin, "--port", "0", "--admin-port", "none", "--outbox", file]
      const running = startSteadfetch(["gateway", ...args])
      const said = await running.wrote("stderr", "hands requests on")
      return { running, origin: /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? "" }
    }
    const first = await start()
    const { location } = (await post(first.origin, "/pay", { body: "5" })).headers
    await upstream.received(1)
    first.running.signal("SIGKILL")
    await first.running.ended
    const second = await start()
    // The lease of the one that was killed has to run out.
    const state = async (): Promise<string> => statusOf(await ask(second.origin, location)).state
    await expect.poll(state, { timeout: 120_000, interval: 500 }).toBe("delivered")
    second.running.signal("SIGINT")
    expect((await second.running.ended).code).toBe(0)
    const keys = upstream.requests.map((_, index) => received(upstream, "idempotency-key", index))
    expect([keys.length, new Set(keys).size]).toEqual([2, 1])
  }, 180_000)
})
