import { rehearse, testExchange, testRuntime, type Rehearsal } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  apiKey,
  basic,
  bearer,
  pipeline,
  steadfetch,
  UnauthorizedError,
  WholeBody,
  type Credentials,
  type Handler,
  type ReplyBody,
} from "../index.ts"

const sent = ({ server }: Rehearsal): (string | undefined)[] =>
  server.requests.map((request) => request.header("authorization"))

/** A token that is renewed by counting: t1, t2, … */
function counted(clockOf: () => Rehearsal, refreshMs = 0) {
  let serial = 1
  let refreshes = 0
  const refresh = async (): Promise<void> => {
    refreshes++
    await new Promise<void>((resolve) => clockOf().clock.after(refreshMs, resolve))
    serial++
  }
  return { credentials: bearer(() => `t${serial}`, { refresh }), refreshes: () => refreshes }
}

function rehearseRefresh(refreshMs = 0) {
  const token = counted(() => rehearsal, refreshMs)
  const rehearsal: Rehearsal = rehearse({ auth: token.credentials, retry: { baseMs: 0 } })
  return { ...rehearsal, rehearsal, refreshes: token.refreshes }
}

describe("credentials", () => {
  test("go where they belong", async () => {
    const kinds = [
      bearer("token-1"),
      basic("Ada", "pässword"),
      apiKey("key-1"),
      apiKey("key-1", { header: "X-Token" }),
      apiKey("key 1", { query: "api_key" }),
    ]
    const requests: unknown[] = []
    for (const auth of kinds) {
      const { api, server, run } = rehearse({ auth })
      server.replies(200)
      await run(api.get("/a"))
      requests.push([server.requests[0]?.url, ...(server.requests[0]?.headers ?? [])])
    }
    expect(requests).toEqual([
      ["https://api.test/a", ["authorization", "Bearer token-1"]],
      ["https://api.test/a", ["authorization", `Basic ${Buffer.from("Ada:pässword").toString("base64")}`]],
      ["https://api.test/a", ["x-api-key", "key-1"]],
      ["https://api.test/a", ["x-token", "key-1"]],
      ["https://api.test/a?api_key=key+1"],
    ])
  })

  test("are asked for anew on every attempt", async () => {
    let serial = 0
    const rehearsal = rehearse({ auth: bearer(() => `t${++serial}`), retry: { baseMs: 0 } })
    rehearsal.server.replies(503).replies(200)
    await rehearsal.run(rehearsal.api.get("/"))
    expect(sent(rehearsal)).toEqual(["Bearer t1", "Bearer t2"])
  })

  test("give way to what the call brings in its query", async () => {
    const { api, server, run } = rehearse({ auth: apiKey("ours", { query: "key" }) })
    server.replies(200)
    await run(api.get("/", { query: { key: "its own" } }))
    expect(server.requests[0]?.url).toBe("https://api.test/?key=its+own")
  })

  test("give way to what the call brings", async () => {
    const rehearsal = rehearse({ auth: bearer("ours") })
    rehearsal.server.replies(200)
    await rehearsal.run(rehearsal.api.get("/", { headers: { Authorization: "Bearer own" } }))
    expect(sent(rehearsal)).toEqual(["Bearer own"])
  })

  test("stay away when the call says so", async () => {
    const rehearsal = rehearse({ auth: bearer("ours") })
    rehearsal.server.replies(200)
    await rehearsal.run(rehearsal.api.post("/login", { auth: false }))
    expect(sent(rehearsal)).toEqual([undefined])
  })

  test.each(["https://other.test/", "http://api.test/", "https://api.test:8443/", "https://api.test.evil.test/"])(
    "never go to another origin: %s",
    async (url) => {
      const rehearsal = rehearse({ auth: bearer("ours") })
      rehearsal.server.replies(200)
      await rehearsal.run(rehearsal.api.get(url))
      expect(sent(rehearsal)).toEqual([undefined])
    },
  )

  test("do not follow a redirect to another origin, neither in the header nor in the query", async () => {
    for (const auth of [bearer("ours"), apiKey("key-1", { query: "key" })]) {
      const { api, server, run } = rehearse({ auth })
      server.replies(307, { headers: { location: "https://other.test/b" } }).replies(200)
      await run(api.post("/a"))
      expect([server.requests[1]?.url, server.requests[1]?.headers]).toEqual(["https://other.test/b", []])
    }
  })

  test("go to the same origin after a redirect, once", async () => {
    const rehearsal = rehearse({ auth: bearer("ours") })
    rehearsal.server.replies(307, { headers: { location: "/b" } }).replies(200)
    await rehearsal.run(rehearsal.api.post("/a"))
    expect(sent(rehearsal)).toEqual(["Bearer ours", "Bearer ours"])
  })

  test("that echo in an error of the server are not in the error", async () => {
    const { api, server, run } = rehearse({ auth: bearer("secret-token-1") })
    server.replies(403, { body: { json: { message: "token secret-token-1 has no access" } } })
    const error: unknown = await run(api.get("/")).then(undefined, (error: unknown) => error)
    expect(String(error)).toContain("has no access")
    expect(JSON.stringify([String(error), error])).not.toContain("secret-token-1")
  })

  test.each([
    ["an empty token", () => bearer("")],
    ["a user name with a colon", () => basic("a:b", "c")],
    ["an empty key", () => apiKey("")],
  ])("that cannot work are refused: %s", (_, make) => {
    expect(make).toThrow(/empty|":"/)
  })

  test("need a base URL: without one they would go anywhere", () => {
    expect(() => rehearse({ auth: bearer("ours"), baseUrl: undefined })).toThrow("baseUrl")
  })

  test("that a header cannot carry are refused without being shown", async () => {
    const { api, run } = rehearse({ auth: bearer(() => "sec\nret") })
    const error: unknown = await run(api.get("/")).then(undefined, (error: unknown) => error)
    expect(String(error)).toContain("authorization")
    expect(String(error)).not.toContain('ret"')
    expect(String(error)).not.toContain("sec\nret")
  })
})

describe("after a 401", () => {
  test("fresh credentials are obtained once and the request is repeated once", async () => {
    const { api, server, run, rehearsal, refreshes } = rehearseRefresh()
    server.replies(401).replies(200, { body: "yes" })
    expect(await run(api.post("/", { json: 1 }).text())).toBe("yes")
    expect(sent(rehearsal)).toEqual(["Bearer t1", "Bearer t2"])
    expect(server.requests.map((request) => request.text())).toEqual(["1", "1"])
    expect(new Set(server.requests.map((request) => request.header("idempotency-key"))).size).toBe(1)
    expect([refreshes(), server.openBodies]).toEqual([1, 0])
  })

  test("a second 401 is the answer", async () => {
    const { api, server, run, refreshes } = rehearseRefresh()
    server.replies(401).replies(401, { body: { json: { message: "no" } } })
    const error: unknown = await run(api.get("/")).then(undefined, (error: unknown) => error)
    expect(UnauthorizedError.is(error) && error.serverMessage).toBe("no")
    expect(refreshes()).toBe(1)
    server.verify()
  })

  test("fixed credentials are not tried twice", async () => {
    const { api, server, run } = rehearse({ auth: bearer("fixed") })
    server.replies(401)
    expect(await run(api.get("/").outcome())).toMatchObject({ status: 401 })
    server.verify()
  })

  test("a refresh that gives the same token again leads to no second request", async () => {
    const { api, server, run } = rehearse({ auth: bearer("fixed", { refresh: () => {} }) })
    server.replies(401)
    expect(await run(api.get("/").outcome())).toMatchObject({ status: 401 })
    server.verify()
  })

  test("other statuses refresh nothing", async () => {
    const { api, server, run, refreshes } = rehearseRefresh()
    server.replies(403)
    await run(api.get("/").outcome())
    expect(refreshes()).toBe(0)
  })

  test("calls at the same time share one refresh", async () => {
    const { api, server, run, rehearsal, refreshes } = rehearseRefresh(500)
    for (let call = 0; call < 5; call++) server.replies(401, { delayMs: 10 * call })
    server.otherwise.replies(200)
    await run(Promise.all([1, 2, 3, 4, 5].map((id) => api.get(`/${id}`).text())))
    expect(refreshes()).toBe(1)
    expect(sent(rehearsal).slice(5)).toEqual(Array.from({ length: 5 }, () => "Bearer t2"))
  })

  test("a straggler whose 401 comes after the refresh uses what was obtained", async () => {
    const { api, server, run, rehearsal, refreshes } = rehearseRefresh(100)
    server.replies(401).replies(401, { delayMs: 5000 })
    server.otherwise.replies(200)
    await run(Promise.all([api.get("/fast").text(), api.get("/slow").text()]))
    expect(refreshes()).toBe(1)
    expect(sent(rehearsal)).toEqual(["Bearer t1", "Bearer t1", "Bearer t2", "Bearer t2"])
  })

  test("a refresh that fails rejects the calls that wait for it, and the next call tries anew", async () => {
    const failed = new Error("no refresh today")
    let refreshes = 0
    let token = "t1"
    const refresh = async (): Promise<void> => {
      if (++refreshes === 1) throw failed
      token = "t2"
    }
    const { api, server, run } = rehearse({ auth: bearer(() => token, { refresh }) })
    server.replies(401).replies(401)
    const ends = await run(Promise.allSettled([api.get("/a").text(), api.get("/b").text()]))
    expect(ends.map((end) => end.status === "rejected" && end.reason)).toEqual([failed, failed])
    server.replies(401).replies(200, { body: "yes" })
    expect(await run(api.get("/c").text())).toBe("yes")
    expect(refreshes).toBe(2)
  })

  test("a body that is a stream is not sent again", async () => {
    const { api, server, run } = rehearseRefresh()
    server.replies(401)
    expect(await run(api.put("/", { body: new Blob(["x"]).stream() }).outcome())).toMatchObject({ status: 401 })
    server.verify()
  })

  test("an abort during the refresh rejects at that instant, with the exact reason", async () => {
    const { api, server, run, rehearsal } = rehearseRefresh(10_000)
    server.replies(401)
    const controller = new AbortController()
    const reason = new Error("enough")
    rehearsal.clock.after(300, () => controller.abort(reason))
    await expect(run(api.get("/", { signal: controller.signal }))).rejects.toBe(reason)
    expect(rehearsal.clock.now()).toBe(300)
  })

  test("a refresh has what is left of the attempt's time, also after the headers of the 401", async () => {
    const body = new WholeBody(new Uint8Array())
    const runtime = testRuntime()
    const api = steadfetch({
      baseUrl: "https://api.test",
      auth: bearer("t1", { refresh: () => new Promise(() => {}) }),
      deadline: false,
      retry: false,
      timeout: { attemptMs: 1000 },
      transport: {
        send: async ({ watch }) => {
          watch?.arrived()
          return { kind: "reply", status: 401, url: undefined, headers: new Headers(), body }
        },
        close: async () => {},
      },
      runtime,
    })
    const outcome = await runtime.clock.runUntil(api.get("/").outcome())
    expect([outcome.kind, runtime.clock.now(), runtime.clock.pending]).toEqual(["no-reply", 1000, 0])
  })

  test("a refresh that outlasts the attempt ends it, and the next attempt has what was obtained", async () => {
    const { api, server, run, rehearsal, refreshes } = rehearseRefresh(30_000)
    server.replies(401).hangs().replies(200)
    const { attempts } = await run(api.get("/"))
    expect(attempts.map(({ status, failure }) => status ?? failure)).toEqual([401, "timeout", 200])
    expect([sent(rehearsal).at(-1), refreshes()]).toEqual(["Bearer t2", 1])
  })
})

describe("by itself, in a pipeline without a client", () => {
  /** A server that answers with these statuses, one after the other, and what it was sent. */
  function alone(credentials: Credentials, ...statuses: readonly number[]) {
    const discarded: number[] = []
    const sent: (string | undefined)[] = []
    const send: Handler = async ({ request }) => {
      sent.push(request.headers.map(([name, value]) => `${name}: ${value}`).join(", "))
      const status = statuses[sent.length - 1] ?? 200
      const body: ReplyBody = { bytes: undefined, stream: () => new ReadableStream(), discard: () => discarded.push(status), onEnd() {} } // prettier-ignore
      return { kind: "reply", status, url: undefined, headers: new Headers(), body }
    }
    const handler = pipeline([credentials("https://api.test")], { send, close: async () => {} }, testRuntime())
    return { handler, sent, discarded }
  }

  test("it renews without being told how: a source is asked again, and the refused reply let go", async () => {
    let asked = 0
    const { handler, sent, discarded } = alone(
      bearer(() => `token-${++asked}`),
      401,
    )
    expect(await handler(testExchange("https://api.test/"))).toMatchObject({ status: 200 })
    expect(sent).toEqual(["authorization: Bearer token-1", "authorization: Bearer token-2"])
    expect(discarded).toEqual([401])
  })

  test("it leaves what the request brings, in whatever case the place is written", async () => {
    const { handler, sent } = alone(apiKey("ours", { header: "X-Key" }))
    await handler(testExchange("https://api.test/", { headers: [["x-key", "own"]] }))
    await handler(testExchange("https://api.test/"))
    expect(sent).toEqual(["x-key: own", "x-key: ours"])
  })

  test("it shows a password as little as the credentials made of it, where that is noted", async () => {
    const { handler } = alone(basic("me", "secret-word"))
    const secrets: string[] = []
    await handler(testExchange("https://api.test/", { secrets }))
    await handler(testExchange("https://api.test/"))
    expect(secrets).toEqual(["secret-word", `Basic ${btoa("me:secret-word")}`])
  })

  test("an abort ends the wait for a secret, and nothing is sent", async () => {
    const controller = new AbortController()
    const { handler, sent } = alone(bearer(() => new Promise(() => {})))
    const outcome = handler(testExchange("https://api.test/", { signal: controller.signal }))
    controller.abort("enough")
    expect(await outcome).toMatchObject({ kind: "failure", code: "aborted", cause: "enough" })
    expect(sent).toEqual([])
  })
})

test.each<[() => unknown, RegExp]>([
  [() => bearer(5 as never), /is a number; give a text/],
  [() => bearer(""), /is empty; give a text/],
  [() => basic(5 as never, ""), /the user name is a number/],
  [() => basic("me", undefined as never), /the password is undefined/],
  [() => apiKey("key", {} as never), /\{ header: name \} or \{ query: name \}/],
])("%s is refused", (make, message) => {
  expect(make).toThrow(message)
})
