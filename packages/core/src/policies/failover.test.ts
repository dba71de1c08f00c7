import { rehearse, type Rehearsal } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  apiKey,
  bearer,
  ConfigurationError,
  createFetch,
  failover,
  failure,
  hedge,
  lowLatency,
  standard,
  steadfetch,
  type ClientOptions,
  type EventMap,
  type FailoverOptions,
  type Policy,
} from "../index.ts"

const eu = "https://eu.test/v1"
const us = "https://us.test/v1"

type Options = Partial<FailoverOptions> & { readonly client?: Omit<ClientOptions, "transport" | "runtime"> }

interface Stage extends Rehearsal {
  readonly policy: ReturnType<typeof failover>
  readonly changes: EventMap["changed"][]
}

/** A client at home in eu, with us beside it, whose backoff is nothing. */
function stage({ client, ...options }: Options = {}): Stage {
  const policy = failover({ endpoints: [eu, us], ...options })
  const changes: EventMap["changed"][] = []
  const on = { changed: (event: EventMap["changed"]) => changes.push(event) }
  const { add = [], ...own } = client ?? {}
  const rehearsal = rehearse({ baseUrl: eu, retry: { baseMs: 0 }, on, ...own, add: [policy, ...add] })
  return { ...rehearsal, policy, changes }
}

const sent = ({ server }: Rehearsal): string[] => server.requests.map(({ url }) => url)
const hosts = (stage: Rehearsal): string[] => sent(stage).map((url) => new URL(url).hostname.slice(0, 2))

/** A gate that lets nothing through to these origins. */
function rejecting(retryAts: Readonly<Record<string, number | undefined>>): Policy {
  return {
    name: "closed",
    scope: "gate",
    wrap: (next) => (exchange) => {
      const origin = Object.keys(retryAts).find((origin) => exchange.request.url.startsWith(origin))
      if (origin === undefined) return next(exchange)
      return Promise.resolve(failure("rejected", `closed for ${origin}`, undefined, { retryAt: retryAts[origin] }))
    },
  }
}

/** Fails so many calls at the only endpoint that they may go to. */
async function failTimes(staged: Stage, times: number): Promise<void> {
  for (let count = 0; count < times; count++) {
    staged.server.replies(500)
    await staged.run(staged.api.get("/fails", { retry: false }).outcome())
  }
}

describe("where an attempt goes", () => {
  test("to the first endpoint, as long as that is sound", async () => {
    const staged = stage()
    staged.server.otherwise.replies(200)
    for (let count = 0; count < 20; count++) await staged.run(staged.api.get("/a"))
    expect(new Set(sent(staged))).toEqual(new Set([`${eu}/a`]))
  })

  test("to another one, path, query, body and fields unchanged, after it failed", async () => {
    const staged = stage()
    staged.server.replies(503).replies(200)
    await staged.run(staged.api.put("/a%2Fb//c;d=1", { query: { q: "x y" }, json: { n: 1 }, headers: { "x-a": "1" } }))
    expect(sent(staged)).toEqual([`${eu}/a%2Fb//c;d=1?q=x+y`, `${us}/a%2Fb//c;d=1?q=x+y`])
    const [first, second] = staged.server.requests
    expect(second?.headers).toEqual(first?.headers)
    expect(second?.text()).toBe('{"n":1}')
  })

  test("to each in turn while all fail, and never to the one that failed just now", async () => {
    const staged = stage({ endpoints: [eu, us, "https://ap.test/v1"], ejectAfter: 100 })
    staged.server.otherwise.replies(500)
    await staged.run(staged.api.get("/", { retry: { attempts: 8 } }).outcome())
    const went = hosts(staged)
    expect(went.slice(0, 3)).toEqual(["eu", "us", "ap"])
    went.slice(1).forEach((host, index) => expect(host).not.toBe(went[index]))
  })

  test("where it says, when it is not below the home base", async () => {
    const staged = stage()
    const urls = ["https://eu.test/v10/a", "https://eu.test/", "https://eu.test.evil/v1/a", "https://other.test/v1/a"]
    for (const url of urls) {
      staged.server.fails("refused").replies(200)
      await staged.run(staged.api.get(url))
    }
    expect(sent(staged)).toEqual(urls.flatMap((url) => [url, url]))
  })

  test("to the preferred endpoint, when home is another", async () => {
    const staged = stage({ endpoints: [us, eu], baseUrl: eu })
    staged.server.replies(500).replies(200)
    await staged.run(staged.api.get("/a"))
    expect(sent(staged)).toEqual([`${us}/a`, `${eu}/a`])
  })

  test("as a hedge, to another endpoint than the attempt beside it", async () => {
    const policy = failover({ endpoints: [eu, us] })
    const rehearsal = rehearse({ baseUrl: eu, add: [hedge({ afterMs: 50 }), policy] })
    rehearsal.server.replies(200, { delayMs: 5000 }).replies(200)
    await rehearsal.run(rehearsal.api.get("/a"))
    expect(sent(rehearsal)).toEqual([`${eu}/a`, `${us}/a`])
    expect(policy.health().map(({ pending }) => pending)).toEqual([0, 0])
    expect(lowLatency({ add: [policy] }).map(({ name }) => name)).toContain("failover")
  })

  test("is told to what looks at the reply further out, and nothing where nothing was rebased or redirected", async () => {
    const seen: unknown[] = []
    const looks: Policy = {
      name: "looks",
      scope: "call",
      wrap: (next) => async (exchange) => {
        const outcome = await next(exchange)
        if (outcome.kind === "reply") seen.push([outcome.url, outcome.sentTo])
        return outcome
      },
    }
    const staged = stage({ endpoints: [{ url: eu, headers: { "x-region": "eu" } }, us], client: { add: [looks] } })
    staged.server.replies(200).replies(503).replies(200).replies(503)
    staged.server.replies(302, { headers: { location: "/v1/b" } }).replies(200)
    for (let count = 0; count < 3; count++) await staged.run(staged.api.get("/a"))
    expect(seen).toEqual([
      [undefined, undefined],
      [`${us}/a`, `${us}/a`],
      [`${us}/b`, `${us}/a`],
    ])
  })

  test("nowhere else, when a write was not sent but its hedge may have been processed", async () => {
    const staged = stage({ client: { add: [hedge({ afterMs: 50 })] } })
    staged.server.fails("refused", { delayMs: 100 }).replies(201, { delayMs: 100 })
    await staged.run(staged.api.post("/orders", { json: 1 }))
    expect(hosts(staged)).toEqual(["eu", "eu"])
  })

  test.each([503, 500])(
    "nowhere else, when a read was not sent but its hedge was told to wait by a %i",
    async (status) => {
      const staged = stage({ client: { add: [hedge({ afterMs: 50 })] } })
      staged.server
        .fails("refused", { delayMs: 100 })
        .replies(status, { headers: { "retry-after": "5" } })
        .replies(200)
      await staged.run(staged.api.get("/a"))
      expect(staged.server.requests[2]?.startedAtMs).toBeGreaterThanOrEqual(hosts(staged)[2] === "us" ? 5050 : 100)
      expect(hosts(staged).slice(0, 2)).toEqual(["eu", "us"])
    },
  )

  test("the reply's own URLs are relative to the endpoint that answered", async () => {
    const staged = stage()
    staged.server.replies(503).replies(201, { headers: { location: "users/7" } })
    const reply = await staged.run(staged.api.put("/users"))
    expect([reply.url, reply.created?.location]).toEqual([`${us}/users`, `${us}/users/7`])
  })
})

describe("what was never sent", () => {
  test.each(["refused", "dns", "tls"] as const)("goes on elsewhere at once: %s", async (code) => {
    const staged = stage({ client: { retry: false } })
    staged.server.fails(code).replies(200)
    expect((await staged.run(staged.api.post("/a", { json: 1, idempotencyKey: false }))).status).toBe(200)
    expect(hosts(staged)).toEqual(["eu", "us"])
    expect(staged.clock.now()).toBe(0)
  })

  test("goes once to each endpoint per attempt, and ends as the last did", async () => {
    const staged = stage({ client: { retry: false } })
    staged.server.fails("refused").fails("dns")
    expect(await staged.run(staged.api.get("/a").outcome())).toMatchObject({ kind: "no-reply", error: { code: "dns" } })
    expect(hosts(staged)).toEqual(["eu", "us"])
  })

  test("takes a body along that can be read once, unless a part of it was read", async () => {
    const body = (): ReadableStream<Uint8Array> => new Blob(["hello"]).stream()
    const unread = stage()
    unread.server.fails("refused").replies(200)
    await unread.run(unread.api.post("/a", { body: body() }))
    expect(unread.server.requests.map((request) => request.text())).toEqual(["", "hello"])
    const read = stage()
    read.server.fails("refused", { afterBodyBytes: 1 })
    await read.run(read.api.post("/a", { body: body() }).outcome())
    expect(hosts(read)).toEqual(["eu"])
  })

  test("is no failure of an endpoint when a gate rejected it, and goes on elsewhere at once", async () => {
    const staged = stage({ client: { add: [rejecting({ "https://eu.test": undefined })] } })
    staged.server.otherwise.replies(200)
    for (let count = 0; count < 20; count++) await staged.run(staged.api.get("/a"))
    expect(new Set(hosts(staged))).toEqual(new Set(["us"]))
    expect(staged.policy.health()).toMatchObject([{ state: "admitted", failureShare: 0 }, { pending: 0 }])
    expect(staged.clock.now()).toBe(0)
  })

  test("ends with the rejection that is over first when all are rejected", async () => {
    const at = Date.UTC(2026, 0, 1, 0, 0, 9)
    const gate = rejecting({ "https://eu.test": at + 5000, "https://us.test": at, "https://ap.test": undefined })
    const staged = stage({ endpoints: [eu, us, "https://ap.test/v1"], client: { add: [gate] } })
    const outcome = await staged.run(staged.api.get("/a").outcome())
    expect(outcome).toMatchObject({ kind: "no-reply", error: { code: "rejected" }, retryAt: new Date(at) })
    expect(sent(staged)).toEqual([])
  })

  test("is retried rather than rejected when one endpoint refused and the other was not asked", async () => {
    const staged = stage({ client: { add: [rejecting({ "https://us.test": undefined })], retry: { attempts: 2 } } })
    staged.server.fails("refused").replies(200)
    await staged.run(staged.api.get("/a"))
    expect(hosts(staged)).toEqual(["eu", "eu"])
  })
})

describe("an ejection", () => {
  test("comes after five failures in a row, and lasts until a probe succeeds", async () => {
    const staged = stage()
    await failTimes(staged, 4)
    expect(staged.changes).toEqual([])
    await failTimes(staged, 1)
    expect(staged.changes).toMatchObject([
      { policy: "failover", key: eu, state: "ejected", why: "5 attempts failed in a row", numbers: { ejections: 1 } },
    ])
    expect(staged.policy.health()).toMatchObject([{ state: "ejected" }, { state: "admitted", returnsInMs: 0 }])
    staged.server.otherwise.replies(200)
    const before = sent(staged).length
    await staged.run(staged.api.get("/a"))
    await staged.clock.advance(30_000)
    await staged.run(staged.api.get("/b"))
    await staged.run(staged.api.get("/c"))
    expect(sent(staged).slice(before)).toEqual([`${us}/a`, `${eu}/b`, `${eu}/c`])
    expect(staged.changes.at(-1)).toMatchObject({ key: eu, state: "readmitted" })
    expect(staged.clock.pending).toBe(0)
  })

  test("lasts up to a fifth less than 30 s, and grows each time that its probe fails, up to 300 s", async () => {
    const staged = stage({ client: { retry: false } })
    await failTimes(staged, 5)
    const lasted: number[] = []
    for (let probe = 0; probe < 14; probe++) {
      const { returnsInMs = Number.NaN } = { ...staged.policy.health()[0] }
      lasted.push(returnsInMs)
      await staged.clock.advance(returnsInMs)
      staged.server.replies(500)
      await staged.run(staged.api.get("/probe").outcome())
    }
    lasted.forEach((ms, index) => {
      const longest = Math.min(30_000 * (index + 1), 300_000)
      expect(ms).toBeLessThanOrEqual(longest)
      expect(ms).toBeGreaterThan(longest * 0.8 - 0.001)
    })
    expect(new Set(hosts(staged))).toEqual(new Set(["eu"]))
  })

  test("is short again once the endpoint did well for long", async () => {
    const staged = stage({ client: { retry: false } })
    await failTimes(staged, 5)
    await staged.clock.advance(30_000)
    await failTimes(staged, 1)
    await staged.clock.advance(60_000)
    staged.server.replies(200)
    await staged.run(staged.api.get("/"))
    await staged.clock.advance(90_000)
    await failTimes(staged, 5)
    expect(staged.changes.at(-1)).toMatchObject({ state: "ejected", numbers: { ejections: 1 } })
  })

  test("is ended by one probe at a time; the others go elsewhere meanwhile", async () => {
    const staged = stage()
    await failTimes(staged, 5)
    await staged.clock.advance(30_000)
    staged.server.replies(200, { delayMs: 1000 }).otherwise.replies(200)
    const calls = ["/a", "/b", "/c"].map((path) => staged.api.get(path).outcome())
    await staged.run(Promise.all(calls))
    expect(hosts(staged).slice(5)).toEqual(["eu", "us", "us"])
  })

  test("is not prolonged for ever by a probe that its caller ended", async () => {
    const staged = stage()
    await failTimes(staged, 5)
    await staged.clock.advance(30_000)
    const controller = new AbortController()
    staged.server.hangs().otherwise.replies(200)
    const probe = staged.api.get("/a", { signal: controller.signal }).outcome()
    probe.then(undefined, () => {})
    await staged.clock.settle()
    controller.abort(new Error("enough"))
    await expect(probe).rejects.toThrow("enough")
    await staged.run(staged.api.get("/b"))
    expect(hosts(staged).slice(5)).toEqual(["eu", "eu"])
    expect(staged.changes.at(-1)).toMatchObject({ state: "readmitted" })
  })

  test("is not ended by an answer to what was asked before it", async () => {
    const staged = stage()
    staged.server.replies(200, { delayMs: 500 })
    const early = staged.api.get("/early").outcome()
    early.then(undefined, () => {})
    await staged.clock.settle()
    await failTimes(staged, 5)
    await staged.run(early)
    expect(staged.policy.health()[0]?.state).toBe("ejected")
  })

  test("never comes over the last one; while that fails, the others are probed ahead of time", async () => {
    const staged = stage({ client: { retry: false } })
    await failTimes(staged, 10)
    expect(staged.policy.health().map(({ state }) => state)).toEqual(["ejected", "admitted"])
    expect(hosts(staged).slice(5)).toEqual(["us", "us", "us", "us", "us"])
    staged.server.otherwise.replies(200)
    await staged.run(staged.api.get("/"))
    expect(hosts(staged).at(-1)).toBe("eu")
    expect(staged.policy.health().map(({ state }) => state)).toEqual(["admitted", "admitted"])
  })

  test.each([404, 429, 401, 200])("does not come from %i", async (status) => {
    const staged = stage({ client: { retry: false } })
    staged.server.otherwise.replies(status)
    for (let count = 0; count < 20; count++) await staged.run(staged.api.get("/").outcome())
    expect(staged.policy.health()[0]).toMatchObject({ state: "admitted", failureShare: 0 })
  })

  test("comes from a deadline that an endpoint lets pass, but not from one that came too soon to tell", async () => {
    const staged = stage({ client: { retry: false } })
    staged.server.replies(200, { delayMs: 1000 })
    await staged.run(staged.api.get("/"))
    for (let count = 0; count < 6; count++) {
      staged.server.hangs()
      await staged.run(staged.api.get("/", { deadline: 100 }).outcome())
    }
    expect(staged.policy.health()[0]).toMatchObject({ state: "admitted", failureShare: 0 })
    for (let count = 0; count < 5; count++) {
      staged.server.hangs()
      await staged.run(staged.api.get("/", { deadline: 3000 }).outcome())
    }
    expect(staged.policy.health()[0]).toMatchObject({ state: "ejected" })
  })
})

describe("Retry-After of one endpoint", () => {
  test("keeps every call away from it, and holds up none", async () => {
    const staged = stage({ client: { retry: false } })
    staged.server.replies(503, { headers: { "retry-after": "20" } }).otherwise.replies(200)
    await staged.run(staged.api.get("/a").outcome())
    expect(staged.policy.health()).toMatchObject([{ state: "resting", returnsInMs: 20_000 }, { state: "admitted" }])
    expect(staged.changes).toMatchObject([{ key: eu, state: "resting", numbers: { restMs: 20_000 } }])
    await staged.run(staged.api.get("/b"))
    await staged.clock.advance(20_000)
    await staged.run(staged.api.get("/c"))
    expect(hosts(staged)).toEqual(["eu", "us", "eu"])
  })

  test("does not hold up the call that got it, where another endpoint is sound", async () => {
    for (const status of [429, 503]) {
      const staged = stage()
      staged.server.replies(status, { headers: { "retry-after": "300" } }).replies(200)
      await staged.run(staged.api.get("/a"))
      expect([hosts(staged), staged.clock.now()]).toEqual([["eu", "us"], 0])
    }
  })

  test("holds up the call that got it, where it may go nowhere else", async () => {
    const staged = stage()
    staged.server.replies(503, { headers: { "retry-after": "20" } }).replies(201)
    const bound = await staged.run(staged.api.post("/orders", { json: 1 }).outcome())
    expect([hosts(staged), bound.attempts[0]?.waitMs]).toEqual([["eu", "eu"], 20_000])
  })

  test("holds up a call for no longer than the first endpoint that is ready again", async () => {
    const staged = stage()
    staged.server.replies(503, { headers: { "retry-after": "20" } })
    staged.server.replies(503, { headers: { "retry-after": "300" } }).replies(200)
    const outcome = await staged.run(staged.api.get("/a").outcome())
    expect([hosts(staged), outcome.attempts.map(({ waitMs }) => waitMs)]).toEqual([
      ["eu", "us", "eu"],
      [0, 20_000, undefined],
    ])
  })

  test("holds up a write that is bound to it, though another endpoint is sound", async () => {
    const staged = stage()
    staged.server
      .replies(500)
      .replies(429, { headers: { "retry-after": "300" } })
      .replies(201)
    const { attempts } = await staged.run(staged.api.post("/orders", { json: 1, deadline: false }).outcome())
    expect([hosts(staged), attempts.map(({ waitMs }) => waitMs)]).toEqual([
      ["eu", "eu", "eu"],
      [0, 300_000, undefined],
    ])
  })

  test("ends the call that got it with that reply, where a gate shuts off all others until later", async () => {
    const rejected: EventMap["rejected"][] = []
    const opensAt = Date.UTC(2026, 0, 1, 0, 10)
    const gate = rejecting({ "https://us.test": opensAt })
    const staged = stage({ client: { add: [gate] } })
    staged.runtime.events.on("rejected", (event) => rejected.push(event))
    staged.server.replies(503, { headers: { "retry-after": "300" } })
    const outcome = await staged.run(staged.api.get("/a").outcome())
    expect(hosts(staged)).toEqual(["eu"])
    expect(outcome).toMatchObject({ kind: "server-error", status: 503, retryAt: new Date(Date.UTC(2026, 0, 1, 0, 5)) })
    expect(rejected).toMatchObject([{ policy: "failover", key: eu }])
  })

  test("ends the call when the gates of all others open again, where that is sooner", async () => {
    const opensAt = Date.UTC(2026, 0, 1, 0, 1)
    const staged = stage({ client: { add: [rejecting({ "https://us.test": opensAt })] } })
    staged.server.replies(503, { headers: { "retry-after": "300" } })
    const outcome = await staged.run(staged.api.get("/a").outcome())
    expect(hosts(staged)).toEqual(["eu"])
    expect(outcome).toMatchObject({ kind: "server-error", status: 503, retryAt: new Date(opensAt) })
  })

  test("does not keep away a call whose own wait is over, when a later one was told to wait longer", async () => {
    const staged = stage({ endpoints: [eu] })
    staged.server.replies(503, { headers: { "retry-after": "5" } })
    staged.server.replies(503, { headers: { "retry-after": "300" } }).replies(200)
    const early = staged.api.get("/a").outcome()
    early.then(undefined, () => {})
    await staged.clock.settle()
    await staged.run(staged.api.get("/b", { retry: false }).outcome())
    expect((await staged.run(early)).kind).toBe("success")
    expect(staged.clock.now()).toBe(5000)
  })

  test("may be over a little early by the machine's timers", async () => {
    const staged = stage({ endpoints: [eu] })
    const after = staged.clock.after.bind(staged.clock)
    const runtime = { ...staged.runtime, clock: { ...staged.clock, now: () => staged.clock.now(), date: () => staged.clock.date(), after: (ms: number, run: () => void) => after(Math.max(0, ms - 2), run) } } // prettier-ignore
    const api = steadfetch({
      baseUrl: eu,
      retry: { baseMs: 0 },
      transport: staged.server,
      runtime,
      add: [staged.policy],
    })
    staged.server.replies(503, { headers: { "retry-after": "5" } }).replies(200)
    expect((await staged.run(api.get("/a").outcome())).kind).toBe("success")
    expect(staged.clock.now()).toBe(4998)
  })

  test("gives way when all have asked for rest: the first to be over is asked", async () => {
    const staged = stage({ client: { retry: false } })
    staged.server.replies(503, { headers: { "retry-after": "20" } })
    staged.server.replies(429, { headers: { "retry-after": "10" } }).replies(200)
    for (const path of ["/a", "/b", "/c"]) await staged.run(staged.api.get(path).outcome())
    expect(hosts(staged)).toEqual(["eu", "us", "us"])
  })
})

describe("credentials", () => {
  test("of the client stay at home; each endpoint has its own", async () => {
    const staged = stage({
      endpoints: [eu, { url: us, auth: bearer("us-token"), headers: { "x-region": "us" } }],
      client: { auth: bearer("eu-token") },
    })
    staged.server.replies(503).replies(200)
    await staged.run(staged.api.get("/a"))
    expect(
      staged.server.requests.map((request) => [request.header("authorization"), request.header("x-region")]),
    ).toEqual([
      ["Bearer eu-token", undefined],
      ["Bearer us-token", "us"],
    ])
  })

  test("of an endpoint are renewed there", async () => {
    let serial = 1
    const auth = bearer(() => `us-${serial}`, { refresh: () => serial++ })
    const staged = stage({ endpoints: [eu, { url: us, auth }], client: { auth: bearer("eu-token") } })
    staged.server.replies(503).replies(401).replies(200)
    await staged.run(staged.api.get("/a"))
    expect(staged.server.requests.map((request) => request.header("authorization"))).toEqual([
      "Bearer eu-token",
      "Bearer us-1",
      "Bearer us-2",
    ])
    expect(staged.policy.health()).toMatchObject([{ pending: 0 }, { pending: 0, failureShare: 0 }])
  })

  test("in the query of an endpoint go to it alone", async () => {
    const auth = apiKey("us-key", { query: "key" })
    const staged = stage({ endpoints: [eu, { url: us, auth }], client: { auth: apiKey("eu-key", { query: "key" }) } })
    staged.server.replies(503).replies(200)
    await staged.run(staged.api.get("/a"))
    expect(sent(staged)).toEqual([`${eu}/a?key=eu-key`, `${us}/a?key=us-key`])
  })

  test.each([
    ["authorization", { headers: { authorization: "Bearer of-the-caller" } }],
    ["a cookie", { headers: { cookie: "sid=1" } }],
    ["an API key", { headers: { "x-api-key": "k" } }],
    ["a session", { headers: { "x-session-id": "s" } }],
    ["a key in the query", { query: { api_key: "k" } }],
    ["a token in the query", { query: { page: 1, access_token: "t" } }],
  ])("that a request brings keep it at home, whatever becomes of it there: %s", async (_, options) => {
    const staged = stage({ endpoints: [eu, { url: us, auth: bearer("us-token") }] })
    staged.server.replies(503).fails("refused").otherwise.replies(200)
    await staged.run(staged.api.get("/a", options))
    expect(hosts(staged)).toEqual(["eu", "eu", "eu"])
  })

  test("that a request brings keep it at an ejected home", async () => {
    const staged = stage({ client: { retry: false } })
    await failTimes(staged, 5)
    staged.server.otherwise.replies(200)
    await staged.run(staged.api.get("/a", { headers: { cookie: "sid=1" } }))
    expect(hosts(staged).at(-1)).toBe("eu")
  })

  test("give way to the endpoint's own fields of the same name", async () => {
    const endpoints = [eu, { url: us, headers: { "X-Api-Key": "us-secret-key" } }]
    const staged = stage({ endpoints, client: { headers: { "x-api-key": "eu-secret-key" } } })
    staged.server.replies(503).replies(400, { body: "no such key: us-secret-key" })
    const error: unknown = await staged.run(staged.api.get("/a")).then(undefined, (error: unknown) => error)
    expect(staged.server.requests.map((request) => request.header("x-api-key"))).toEqual([
      "eu-secret-key",
      "us-secret-key",
    ])
    expect(String(error)).toContain("no such key")
    expect(JSON.stringify([String(error), error])).not.toContain("us-secret-key")
  })

  test("are not what only looks like them, once that is said", async () => {
    const staged = stage({ notSecret: ["Page_Token", "x-sort-key"] })
    staged.server.replies(503).replies(200)
    await staged.run(staged.api.get("/a", { query: { page_token: "2" }, headers: { "x-sort-key": "name" } }))
    expect(hosts(staged)).toEqual(["eu", "us"])
  })

  test.each(["X-Idempotency-Key", "X-Request-Token"])(
    "are not the call's own key, whatever its field is called: %s",
    async (header) => {
      const staged = stage({ client: { idempotencyKey: { header } } })
      staged.server.fails("refused").replies(201)
      await staged.run(staged.api.post("/orders", { json: 1 }))
      expect(hosts(staged)).toEqual(["eu", "us"])
      expect(staged.server.requests[1]?.header(header.toLowerCase())).toBe("id-1")
    },
  )

  test("go to a second base on the home's own origin", async () => {
    const staged = stage({ endpoints: [eu, "https://eu.test/v1-standby"], client: { auth: bearer("eu-token") } })
    staged.server.replies(503).replies(200)
    await staged.run(staged.api.get("/a", { headers: { cookie: "sid=1" } }))
    expect(sent(staged)).toEqual([`${eu}/a`, "https://eu.test/v1-standby/a"])
    expect(staged.server.requests[1]?.header("authorization")).toBe("Bearer eu-token")
  })
})

describe("what may have been processed and carries a key", () => {
  test.each([
    ["a 500", (staged: Stage) => staged.server.replies(500)],
    ["a reset", (staged: Stage) => staged.server.fails("reset")],
    ["a timeout", (staged: Stage) => staged.server.hangs()],
  ])("is repeated where the key is known: after %s", async (_, fail) => {
    const staged = stage()
    fail(staged).replies(200)
    await staged.run(staged.api.post("/orders", { json: 1 }))
    expect(hosts(staged)).toEqual(["eu", "eu"])
  })

  test("goes elsewhere with the same key when endpoints share what they know of keys", async () => {
    const staged = stage({ sharedKeys: true })
    staged.server.replies(500).replies(200)
    await staged.run(staged.api.post("/orders", { json: 1 }))
    expect(hosts(staged)).toEqual(["eu", "us"])
    const keys = staged.server.requests.map((request) => request.header("idempotency-key"))
    expect(keys).toEqual(["id-1", "id-1"])
  })

  test("goes elsewhere when it was not processed", async () => {
    const staged = stage()
    staged.server.fails("refused").replies(500).replies(200)
    await staged.run(staged.api.post("/orders", { json: 1 }))
    expect(hosts(staged)).toEqual(["eu", "us", "us"])
  })
})

describe("where a call has been is known, whatever URL its attempts went to", () => {
  test("a write that an endpoint redirected to another origin is repeated at that endpoint only", async () => {
    const staged = stage({ ejectAfter: 1 })
    staged.server.replies(307, { headers: { location: "https://files.test/orders" } })
    staged.server.replies(500).replies(201)
    await staged.run(staged.api.post("/orders", { json: 1 }))
    expect(staged.policy.health()[0]?.state).toBe("admitted")
    expect(hosts(staged)).toEqual(["eu", "fi", "eu"])
  })

  test("a read that an endpoint redirected to another origin goes to another endpoint", async () => {
    const staged = stage()
    staged.server.replies(302, { headers: { location: "https://files.test/a" } })
    staged.server.replies(500).replies(200)
    await staged.run(staged.api.get("/a"))
    expect(hosts(staged)).toEqual(["eu", "fi", "us"])
  })

  test("a URL that is redacted in the record", async () => {
    const staged = stage({
      endpoints: ["https://eu.test/tenant-4711", us],
      client: { baseUrl: "https://eu.test/tenant-4711", auth: apiKey("tenant-4711", { query: "key" }) },
    })
    staged.server.replies(500).replies(200)
    const { attempts } = await staged.run(staged.api.get("/a").outcome())
    expect(attempts[0]?.url).not.toContain("4711")
    expect(hosts(staged)).toEqual(["eu", "us"])
  })

  test("a write that is renewed at its endpoint", async () => {
    let serial = 1
    const staged = stage({ client: { auth: bearer(() => `eu-${serial}`, { refresh: () => serial++ }) } })
    staged.server.replies(401).replies(500).replies(201)
    await staged.run(staged.api.post("/orders", { json: 1 }))
    expect(hosts(staged)).toEqual(["eu", "eu", "eu"])
  })
})

describe("what is under way", () => {
  test("counts until a streamed body has ended", async () => {
    const staged = stage()
    staged.server.replies(200, { body: "hello" })
    const stream = await staged.run(staged.api.get("/a").stream())
    expect(staged.policy.health()[0]?.pending).toBe(1)
    await stream.cancel()
    expect(staged.policy.health()[0]?.pending).toBe(0)
  })

  test("counts no more after a defect", async () => {
    const staged = stage()
    staged.server.throws(new Error("a defect"))
    await expect(staged.run(staged.api.get("/a"))).rejects.toThrow("a defect")
    expect(staged.policy.health()[0]).toMatchObject({ pending: 0, failureShare: 0 })
  })
})

describe("clients", () => {
  test("that are derived share what is known of the endpoints", async () => {
    const staged = stage({ client: { retry: false } })
    await failTimes(staged, 5)
    staged.server.otherwise.replies(200)
    await staged.run(staged.api.extend({ deadline: 1000 }).get("/a"))
    expect(hosts(staged).at(-1)).toBe("us")
  })

  test.each([
    ["another origin", "https://api.test/v1"],
    ["another path", "https://eu.test/v2"],
    ["a path that only begins alike", "https://eu.test/v10"],
    ["an endpoint that is not its home", us],
  ])("whose base is at %s are refused: none of their requests would ever fail over", (_, baseUrl) => {
    const add = [failover({ endpoints: [eu, us] })]
    expect(() => steadfetch({ baseUrl, add })).toThrow(
      `failover() acts below ${eu}, and the client's baseUrl is ${baseUrl}; give both the same`,
    )
    expect(() => steadfetch({ baseUrl, policies: standard({ add }) })).toThrow(ConfigurationError)
    expect(() => steadfetch({ baseUrl: eu, add }).extend({ baseUrl })).toThrow(ConfigurationError)
  })

  test.each([
    ["at its home", eu],
    ["below it", `${eu}/users`],
    ["above it, as some of their requests are below it", "https://eu.test"],
    ["nowhere", undefined],
  ])("whose base is %s are not", (_, baseUrl) => {
    const add = [failover({ endpoints: [eu, us] })]
    expect(() => steadfetch({ baseUrl, add })).not.toThrow()
    expect(() => steadfetch({ baseUrl: eu, add }).extend({ baseUrl })).not.toThrow()
  })

  test("of the drop-in kind cannot have it: they send the very arguments of fetch", async () => {
    const fetch = createFetch({ policies: [failover({ endpoints: [eu, us] })], fetch: () => expect.fail("was sent") })
    await expect(fetch(`${eu}/a`)).rejects.toThrow(/createFetch\(\).*steadfetch\(\)/)
  })
})

describe("what cannot work is refused", () => {
  const table: [string, unknown, RegExp][] = [
    ["no options", undefined, /endpoints/],
    ["no endpoints", {}, /failover\.endpoints: undefined/],
    ["an empty list", { endpoints: [] }, /failover\.endpoints: an empty list; give \[/],
    ["a text in place of a list", { endpoints: eu }, /failover\.endpoints: a string/],
    ["a relative URL", { endpoints: [eu, "/v1"] }, /failover\.endpoints\[1\].*"\/v1" is not an absolute/],
    ["another scheme", { endpoints: ["ftp://eu.test"] }, /failover\.endpoints\[0\].*not an absolute/],
    ["a password", { endpoints: ["https://ada:pw@eu.test"] }, /failover\.endpoints\[0\].*password/],
    ["a query", { endpoints: ["https://eu.test/?a=1"] }, /query/],
    ["a number", { endpoints: [7] }, /failover\.endpoints\[0\]/],
    ["null", { endpoints: [null] }, /failover\.endpoints\[0\]/],
    ["the same twice", { endpoints: [eu, `${eu}/`] }, /https:\/\/eu\.test\/v1 twice/],
    ["an unknown option of an endpoint", { endpoints: [{ url: eu, weight: 2 }] }, /endpoints\[0\]: no option "weight"/],
    ["an endpoint without URL", { endpoints: [{ auth: bearer("t") }] }, /endpoints\[0\]/],
    [
      "credentials that are none",
      { endpoints: [{ url: eu, auth: "token" }] },
      /endpoints\[0\]\.auth: a string; give bearer/,
    ],
    ["a policy for credentials", { endpoints: [{ url: eu, auth: () => 1 }] }, /endpoints\[0\]\.auth/],
    ["a header with a line break", { endpoints: [{ url: eu, headers: { a: "b\nc" } }] }, /line break/],
    ["a relative base", { endpoints: [eu], baseUrl: "v1" }, /failover\.baseUrl/],
    [
      "an unknown preference",
      { endpoints: [eu], prefer: "best" },
      /failover\.prefer: "best"; give "first" or "fastest"/,
    ],
    ["ejection after nothing", { endpoints: [eu], ejectAfter: 0 }, /failover\.ejectAfter: 0/],
    ["ejection for no time", { endpoints: [eu], ejectMs: 0 }, /failover\.ejectMs: 0/],
    ["ejection for ever", { endpoints: [eu], ejectMs: Number.POSITIVE_INFINITY }, /failover\.ejectMs: Infinity/],
    ["a cap below the base", { endpoints: [eu], ejectMs: 2000, maxEjectMs: 1000 }, /failover\.maxEjectMs: 1000/],
    ["not a number", { endpoints: [eu], maxEjectMs: Number.NaN }, /failover\.maxEjectMs: NaN/],
    ["a text for a boolean", { endpoints: [eu], sharedKeys: "yes" }, /failover\.sharedKeys: "yes"/],
    ["a text for a list", { endpoints: [eu], notSecret: "page_token" }, /failover\.notSecret: a string/],
    ["an empty name", { endpoints: [eu], notSecret: [""] }, /failover\.notSecret: ""/],
    [
      "a credential for none",
      { endpoints: [eu], notSecret: ["Authorization"] },
      /failover\.notSecret: "Authorization"/,
    ],
    ["an unknown option", { endpoints: [eu], retries: 3 }, /failover: no option "retries"/],
  ]

  test.each(table)("%s", (_, options, message) => {
    expect(() => failover(options as FailoverOptions)).toThrow(message)
    expect(() => failover(options as FailoverOptions)).toThrow(expect.objectContaining({ name: "ConfigurationError" }))
  })

  test("a secret in it is not shown", () => {
    expect(() => failover({ endpoints: ["https://ada:hunter22@eu.test"] })).not.toThrow(/hunter22/)
    expect(() => steadfetch({ add: [failover({ endpoints: [eu] })] })).not.toThrow()
  })
})
