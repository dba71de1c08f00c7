import { getEventListeners } from "node:events"
import { rehearse } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { bearer, ServerError, strict, TimeoutError, type EventMap, type RequestOptions } from "../index.ts"
import { coalesce } from "./coalesce.ts"

type Options = Parameters<typeof rehearse>[0]

function rehearseCoalesce(options: Options = {}, own: Parameters<typeof coalesce>[0] = {}) {
  return rehearse({ ...options, add: [coalesce(own)] })
}

/** How many requests two calls lead to. */
async function requestsFor(
  first: RequestOptions & { url?: string; method?: string },
  second: typeof first,
  options: Options = {},
  own: Parameters<typeof coalesce>[0] = {},
): Promise<number> {
  const { api, server, run } = rehearseCoalesce(options, own)
  server.otherwise.replies(200, { delayMs: 100 })
  const calls = [first, second].map(({ url = "/", method = "GET", ...rest }) => api.request(method, url, rest).outcome()) // prettier-ignore
  await run(Promise.all(calls))
  return server.requests.length
}

describe("identical calls at the same time", () => {
  test("share one request, and each has the reply", async () => {
    const { api, server, run, clock } = rehearseCoalesce()
    server.expect("GET /users").replies(200, { body: { json: [1] }, delayMs: 100 })
    const calls = Array.from({ length: 50 }, () => api.get("/users").json())
    expect(await run(Promise.all(calls))).toEqual(calls.map(() => [1]))
    expect([server.requests.length, clock.now(), clock.pending]).toEqual([1, 100, 0])
  })

  test("share it also when they come later, until it has ended", async () => {
    const { api, server, run, clock } = rehearseCoalesce()
    server.otherwise.replies(200, { delayMs: 100 })
    const first = api.get("/").outcome()
    await clock.advance(99)
    await run(Promise.all([first, api.get("/").outcome()]))
    expect([server.requests.length, clock.now()]).toEqual([1, 100])
    await run(api.get("/"))
    expect(server.requests.length).toBe(2)
  })

  test("share all attempts, and each record tells them", async () => {
    const { api, server, run } = rehearseCoalesce()
    server.replies(503).replies(200)
    const [first, second] = await run(Promise.all([api.get("/"), api.get("/")]))
    expect(first.attempts.map(({ status }) => status)).toEqual([503, 200])
    expect(second.attempts).toEqual(first.attempts)
    expect([first.servedBy, second.servedBy]).toEqual([undefined, "coalesce"])
  })

  test("share how it fails: each has an error of its own, with the whole story", async () => {
    const { api, server, run } = rehearseCoalesce({ retry: { attempts: 2 } })
    server.otherwise.replies(503, { headers: { "retry-after": "7" }, body: { json: { message: "maintenance" } } })
    const outcomes = await run(Promise.all([api.get("/").outcome(), api.get("/").outcome()]))
    const errors = outcomes.map((outcome) => (outcome.kind === "server-error" ? outcome.error : undefined))
    expect(errors[0]).not.toBe(errors[1])
    expect(errors.map((error) => [error?.message, error?.attempts.length, error?.retryAt])).toEqual(
      errors.map(() => [
        expect.stringMatching(/maintenance \(gave up after 2 attempts/),
        2,
        outcomes[0]?.kind === "server-error" ? outcomes[0].retryAt : "none",
      ]),
    )
  })

  test("what one does with its bytes does not reach the others", async () => {
    const { api, server, run } = rehearseCoalesce()
    server.replies(200, { body: new Uint8Array([1, 2, 3]) })
    const [first, second, third] = await run(Promise.all([api.get("/"), api.get("/"), api.get("/")]))
    ;(await first.bytes()).fill(0)
    ;(await second.bytes()).fill(9)
    expect(await third.bytes()).toEqual(new Uint8Array([1, 2, 3]))
    expect(await first.bytes()).toEqual(new Uint8Array(3))
    expect(await new Response(third.stream()).bytes()).toEqual(new Uint8Array([1, 2, 3]))
  })

  test("reach every caller as the same defect when there is one", async () => {
    const { api, server, run } = rehearseCoalesce()
    const defect = new TypeError("a defect")
    server.throws(defect).replies(200)
    const ends = await run(Promise.allSettled([api.get("/"), api.get("/")]))
    expect(ends.map((end) => end.status === "rejected" && end.reason)).toEqual([defect, defect])
    expect((await run(api.get("/"))).status).toBe(200)
  })

  test("a policy that throws at once leaves nothing behind", async () => {
    const { api, server, run } = rehearseCoalesce()
    server.replies(200)
    await expect(run(api.get("/", { retry: { attempts: 0 } }))).rejects.toThrow("attempts")
    await expect(run(api.get("/", { retry: { attempts: 0 } }))).rejects.toThrow("attempts")
    expect((await run(api.get("/"))).servedBy).toBeUndefined()
  })

  test("credentials that only the first call has sent are not shown to the others either", async () => {
    const { api, server, run } = rehearseCoalesce({ auth: bearer("sesame-open") })
    server.replies(400, { body: { json: { message: "token sesame-open is too old" } } })
    const outcomes = await run(Promise.all([api.get("/").outcome(), api.get("/").outcome()]))
    const told = outcomes.map((outcome) => (outcome.kind === "client-error" ? outcome.error.message : ""))
    for (const message of told) {
      expect(message).toContain("token REDACTED is too old")
      expect(message).not.toContain("sesame")
    }
  })
})

describe("which calls are identical", () => {
  test.each<[string, RequestOptions & { url?: string; method?: string }]>([
    ["the same URL", {}],
    ["another traceparent", { headers: { traceparent: "00-1" } }],
    ["another request id", { headers: { "X-Request-Id": "2" } }],
    ["a signal of its own", { signal: new AbortController().signal }],
  ])("%s shares", async (_, second) => {
    expect(await requestsFor({}, second)).toBe(1)
  })

  test.each<[string, RequestOptions & { url?: string; method?: string }]>([
    ["another path", { url: "/other" }],
    ["another query", { query: { page: 2 } }],
    ["another method", { method: "HEAD" }],
    ["an unsafe method", { method: "POST" }],
    ["other header fields", { headers: { "accept-language": "de" } }],
    ["other credentials", { headers: { authorization: "Bearer other" } }],
    ["another cookie", { headers: { cookie: "sid=2" } }],
    ["no credentials", { auth: false }],
    ["another limit on the body", { maxBodyBytes: 10 }],
    ["another contract", { contract: strict }],
    ["no retries", { retry: false }],
    ["other retries", { retry: { attempts: 2 } }],
    ["other time limits", { timeout: { attemptMs: 10_000 } }],
    ["another deadline", { deadline: 1000 }],
    ["no deadline", { deadline: false }],
    ["an endless deadline", { deadline: Number.POSITIVE_INFINITY }],
    ["another way with redirects", { redirect: "manual" }],
    ["conditions", { headers: { "if-none-match": '"1"' } }],
  ])("%s does not", async (_, second) => {
    expect(await requestsFor({}, second)).toBe(2)
  })

  test.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])("two calls with %s are two", async (method) => {
    expect(await requestsFor({ method }, { method })).toBe(2)
  })

  test("a stream is its reader's alone", async () => {
    const { api, server, run } = rehearseCoalesce()
    server.otherwise.replies(200, { body: "a body", delayMs: 10 })
    const streams = await run(Promise.all([api.get("/").stream(), api.get("/").stream()]))
    expect(await run(Promise.all(streams.map((stream) => new Response(stream).text())))).toEqual(["a body", "a body"])
    expect(server.requests.length).toBe(2)
  })

  test("`key` says it instead, but puts no one's credentials or options with another's", async () => {
    const own = { key: ({ url }: { readonly url: string }) => new URL(url).pathname }
    const page = (second: RequestOptions) => requestsFor({ query: { page: 1 } }, second, {}, own)
    expect(await page({ query: { page: 2 }, headers: { accept: "text/csv" } })).toBe(1)
    expect(await page({ headers: { authorization: "Bearer other" } })).toBe(2)
    expect(await page({ headers: { "x-api-key": "other" } })).toBe(2)
    expect(await page({ retry: false })).toBe(2)
  })

  test("clients with other credentials share nothing", async () => {
    const { api, server, run } = rehearseCoalesce({ auth: bearer("first") })
    server.otherwise.replies(200, { delayMs: 100 })
    const other = api.extend({ auth: bearer("second") })
    await run(Promise.all([api.get("/"), other.get("/"), api.extend({ headers: { "x-own": "1" } }).get("/")]))
    expect(server.requests.map((request) => request.header("authorization"))).toEqual(["Bearer first", "Bearer second", "Bearer first"]) // prettier-ignore
  })
})

describe("an abort", () => {
  test("of the first caller leaves the work to the others", async () => {
    const { api, server, run, clock } = rehearseCoalesce()
    server.replies(200, { body: "yes", delayMs: 100 })
    const controller = new AbortController()
    const first = api.get("/", { signal: controller.signal }).text()
    const second = api.get("/").text()
    const endedAt = expect(first).rejects.toBe("mine").then(() => clock.now()) // prettier-ignore
    clock.after(10, () => controller.abort("mine"))
    expect(await run(second)).toBe("yes")
    expect([await endedAt, clock.now(), server.requests[0]?.end]).toEqual([10, 100, "answered"])
  })

  test("of a later caller is its own", async () => {
    const { api, server, run, clock } = rehearseCoalesce()
    server.replies(200, { body: "yes", delayMs: 100 })
    const controller = new AbortController()
    const first = api.get("/").text()
    const second = api.get("/", { signal: controller.signal }).text()
    clock.after(10, () => controller.abort("mine"))
    await expect(run(second)).rejects.toBe("mine")
    expect([clock.now(), await run(first)]).toEqual([10, "yes"])
    expect(getEventListeners(controller.signal, "abort").length).toBe(0)
  })

  test("of the last one ends the work, and the next call begins anew", async () => {
    const { api, server, run, clock } = rehearseCoalesce()
    server.hangs().replies(200)
    const controllers = [new AbortController(), new AbortController()]
    const calls = controllers.map(({ signal }) => api.get("/", { signal }).outcome())
    controllers.forEach((controller, index) => clock.after(10 * (index + 1), () => controller.abort(index)))
    const ends = await run(Promise.allSettled(calls))
    expect(ends).toEqual([0, 1].map((reason) => ({ status: "rejected", reason })))
    expect([clock.now(), clock.pending, server.requests[0]?.end]).toEqual([20, 0, "aborted"])
    expect((await run(api.get("/"))).servedBy).toBeUndefined()
    server.verify()
  })
})

describe("the deadline", () => {
  test("gives all the last real reply when it leaves no time for another attempt", async () => {
    const { api, server, run, clock } = rehearseCoalesce({ deadline: 5000 })
    server.otherwise.replies(503, { headers: { "retry-after": "10" } })
    const ends = await run(Promise.allSettled([api.get("/"), api.get("/")]))
    for (const end of ends) expect(ServerError.is(end.status === "rejected" && end.reason)).toBe(true)
    expect(clock.now()).toBe(0)
  })

  test("of the first caller does not end those who came later: they go on together", async () => {
    const { api, server, run, clock } = rehearseCoalesce({ deadline: 1000, timeout: false })
    server.hangs().replies(200, { body: "yes", delayMs: 300 })
    const first = api.get("/").outcome()
    await clock.advance(400)
    const later = [api.get("/").outcome(), api.get("/").outcome()]
    const outcome = await run(first)
    expect([outcome.kind === "no-reply" && TimeoutError.is(outcome.error), clock.now()]).toEqual([true, 1000])
    const replies = await run(Promise.all(later))
    expect([replies[0]?.kind, clock.now(), server.requests.length]).toEqual(["success", 1300, 2])
    expect(replies.map(({ attempts }) => attempts.map(({ failure, status }) => failure ?? status))).toEqual([["timeout", 200], ["timeout", 200]]) // prettier-ignore
    expect(replies.map((reply) => "servedBy" in reply && reply.servedBy)).toEqual([undefined, "coalesce"])
  })

  test("of a later caller is its own when the first one has left", async () => {
    const { api, server, run, clock } = rehearseCoalesce({ deadline: 1000, timeout: false })
    server.otherwise.hangs()
    const controller = new AbortController()
    const first = api.get("/", { signal: controller.signal }).outcome()
    await clock.advance(400)
    const second = api.get("/").outcome()
    const aborted = expect(first).rejects.toBe("mine")
    controller.abort("mine")
    expect(await run(second)).toMatchObject({ kind: "no-reply", error: { limit: "deadline" } })
    await aborted
    expect([clock.now(), clock.pending, server.requests.length]).toEqual([1400, 0, 1])
  })

  test("that stands inside, around the attempts alone, is every caller's", async () => {
    const { deadline, retry } = await import("../index.ts")
    const { api, server, run, clock } = rehearse({
      policies: [coalesce(), deadline({ afterMs: 1000 }), retry({ attempts: 1 })],
    })
    server.otherwise.hangs()
    const first = api.get("/").outcome()
    await clock.advance(400)
    expect(await run(Promise.all([first, api.get("/").outcome()]))).toMatchObject([{ kind: "no-reply" }, { kind: "no-reply" }]) // prettier-ignore
    expect([clock.now(), server.requests.length]).toEqual([1000, 1])
  })
})

test("who listens hears which calls were served by another one's attempts", async () => {
  const served: EventMap["served"][] = []
  const started: EventMap["attempt-started"][] = []
  const on = { served: (event: (typeof served)[0]) => served.push(event), "attempt-started": (event: (typeof started)[0]) => started.push(event) } // prettier-ignore
  const { api, server, run } = rehearseCoalesce({ on })
  server.otherwise.replies(200)
  await run(Promise.all([api.get("/"), api.get("/")]))
  expect(served.map(({ policy, why }) => [policy, why])).toEqual([["coalesce", "an identical call was under way"]])
  expect(started.map(({ call }) => call.servedBy)).toEqual([undefined])
})

test.each([[{ key: "url" }], [{ by: () => "" }], ["url"], [null]])(
  "options that cannot work are refused: %j",
  (own) => {
    expect(() => coalesce(own as never)).toThrow("coalesce")
  },
)
