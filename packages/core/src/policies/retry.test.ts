import { rehearse, type Rehearsal } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  type EventMap,
  failure,
  NoReplyError,
  type Policy,
  retry,
  retryBudget,
  rfc9110,
  type RetryOptions,
  ServerError,
  ServiceUnavailableError,
  strict,
  TooManyRequestsError,
} from "../index.ts"

const after = (value: string): { headers: Record<string, string> } => ({ headers: { "retry-after": value } })
const startsMs = ({ server }: Rehearsal): number[] => server.requests.map(({ startedAtMs }) => startedAtMs)
/** No jitter and no backoff: what is left of a wait is what the server asked for. */
const atOnce = { retry: { baseMs: 0 } } as const

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => expect.fail(`succeeded with ${String(value)}`),
    (error: unknown) => error,
  )
}

describe("which replies are retried", () => {
  test.each([500, 502, 503, 504, 599, 501, 511, 600, 999])("%i is", async (status) => {
    const { api, server, run } = rehearse(atOnce)
    server.replies(status).replies(200)
    expect((await run(api.get("/"))).status).toBe(200)
    server.verify()
  })

  test.each([400, 401, 403, 404, 405, 408, 409, 410, 413, 422, 425, 429, 431, 451, 499])(
    "%i is not",
    async (status) => {
      const { api, server, run } = rehearse(atOnce)
      server.replies(status)
      expect(await run(api.get("/").outcome())).toMatchObject({ kind: "client-error", status, verdict: "correct" })
      server.verify()
    },
  )

  test.each([200, 201, 202, 204, 206, 226, 299, 300, 304])("%i is a success", async (status) => {
    const { api, server, run } = rehearse(atOnce)
    server.replies(status)
    expect(await run(api.get("/").outcome())).toMatchObject({ kind: "success", status })
  })

  test.each([400, 404, 408, 409, 413, 422, 425, 429])("%i is when it names a time", async (status) => {
    const rehearsal = rehearse(atOnce)
    const { api, server, run } = rehearsal
    server.replies(status, after("3")).replies(200)
    await run(api.get("/"))
    expect(startsMs(rehearsal)).toEqual([0, 3000])
  })

  test("a 4xx that names a time is not under a strict contract", async () => {
    const { api, server, run } = rehearse({ ...atOnce, contract: strict })
    server.replies(429, after("3"))
    expect(TooManyRequestsError.is(await errorOf(run(api.get("/"))))).toBe(true)
  })

  test("the contract's rows decide, the call's before the client's", async () => {
    const { api, server, run } = rehearse({ ...atOnce, contract: { ...rfc9110, 404: "retry" } })
    server.replies(404).replies(408).replies(501)
    expect((await run(api.get("/").outcome())).attempts.map(({ status }) => status)).toEqual([404, 408, 501])
    server.replies(404)
    expect((await run(api.get("/", { contract: strict }).outcome())).attempts.length).toBe(1)
    server.verify()
  })

  test("x-should-retry and stripe-should-retry go before the contract", async () => {
    const { api, server, run } = rehearse(atOnce)
    server.replies(409, { headers: { "x-should-retry": "true" } }).replies(200)
    expect((await run(api.get("/"))).attempts.length).toBe(2)
    server.replies(503, { headers: { "stripe-should-retry": "false" } })
    const error = await errorOf(run(api.get("/")))
    expect(error).toMatchObject({ status: 503, message: expect.stringContaining("the server says not to") })
    server.verify()
  })
})

describe("which failures are retried", () => {
  test.each(["refused", "dns", "reset", "broken-body", "timeout", "protocol", "network"] as const)(
    "%s is",
    async (code) => {
      const { api, server, run } = rehearse(atOnce)
      server.fails(code).replies(200)
      expect((await run(api.get("/"))).attempts).toMatchObject([{ failure: code, why: "backoff" }, { status: 200 }])
    },
  )

  test.each(["too-large", "redirect", "tls"] as const)("%s is not", async (code) => {
    const { api, server, run } = rehearse(atOnce)
    server.fails(code)
    expect(await errorOf(run(api.get("/")))).toMatchObject({ code, message: expect.stringContaining("fail again") })
    server.verify()
  })

  test("a body that breaks off or stalls is, as long as it is buffered", async () => {
    const { api, server, run } = rehearse({ ...atOnce, timeout: { stallMs: 1000 } })
    server.replies(200, { body: "hello", breaksAfterBytes: 2 })
    server.replies(200, { body: "hello", stallsAfterBytes: 3 })
    server.replies(200, { body: "hello" })
    expect(await run(api.get("/").text())).toBe("hello")
    expect(server.openBodies).toBe(0)
  })
})

describe("when", () => {
  test("the wait grows exponentially up to its cap, with full jitter", async () => {
    const upper = [500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000, 20_000]
    const shares: number[] = []
    for (let seed = 1; seed <= 40; seed++) {
      const { api, server, run } = rehearse({ seed, deadline: false })
      server.otherwise.replies(503)
      const { attempts } = await run(api.get("/").outcome())
      const waits = attempts.slice(0, -1).map(({ waitMs }) => waitMs ?? Number.NaN)
      expect(waits.length).toBe(9)
      shares.push(...waits.map((waitMs, index) => waitMs / (upper[index] ?? 0)))
    }
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...shares)).toBeLessThan(1)
    // Full jitter: the waits of many clients lie evenly between 0 and the bound.
    const quarters = [0, 1, 2, 3].map((quarter) => shares.filter((share) => Math.floor(share * 4) === quarter).length)
    for (const count of quarters) expect(count / shares.length).toBeCloseTo(0.25, 1)
  })

  test("Retry-After is a floor, and jitter only comes above it", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const rehearsal = rehearse({ seed })
      const { api, server, run } = rehearsal
      server.replies(503, after("2")).replies(200)
      await run(api.get("/"))
      const secondMs = startsMs(rehearsal)[1] ?? 0
      expect(secondMs).toBeGreaterThanOrEqual(2000)
      expect(secondMs).toBeLessThan(2500)
    }
  })

  test.each([
    ["seconds", "7", 7000],
    ["an IMF-fixdate", "Thu, 01 Jan 2026 00:00:07 GMT", 7000],
    ["an RFC 850 date", "Thursday, 01-Jan-26 00:00:07 GMT", 7000],
    ["an asctime date", "Thu Jan  1 00:00:07 2026", 7000],
    ["a date in the past", "Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["zero", "0", 0],
    ["what is no time", "soon", 0],
    ["a negative number", "-5", 0],
    ["a fraction", "1.5", 0],
    ["nothing", "", 0],
  ])("Retry-After may be %s", async (_, value, waitMs) => {
    const rehearsal = rehearse(atOnce)
    const { api, server, run } = rehearsal
    server.replies(503, after(value)).replies(200)
    await run(api.get("/"))
    expect(startsMs(rehearsal)).toEqual([0, waitMs])
  })

  test("a date in the past still backs off", async () => {
    const rehearsal = rehearse()
    const { api, server, run } = rehearsal
    server.replies(503, after("Wed, 31 Dec 2025 00:00:00 GMT")).replies(200)
    await run(api.get("/"))
    expect(startsMs(rehearsal)[1]).toBeGreaterThan(0)
  })

  test("retry-after-ms goes before Retry-After", async () => {
    const rehearsal = rehearse(atOnce)
    const { api, server, run } = rehearsal
    server.replies(503, { headers: { "retry-after": "9", "retry-after-ms": "1234" } }).replies(200)
    await run(api.get("/"))
    expect(startsMs(rehearsal)).toEqual([0, 1234])
  })

  test("RetryInfo in a Google API's body counts as well", async () => {
    const rehearsal = rehearse(atOnce)
    const { api, server, run } = rehearsal
    const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "3.5s" }]
    server.replies(429, { body: { json: { error: { details } } } }).replies(200)
    await run(api.get("/"))
    expect(startsMs(rehearsal)).toEqual([0, 3500])
  })

  test("a Retry-After beyond 2^31 ms is waited for, not overflowed", async () => {
    const rehearsal = rehearse({ ...atOnce, deadline: false })
    const { api, server, run } = rehearsal
    server.replies(503, after("2592000")).replies(200)
    await run(api.get("/"))
    expect(startsMs(rehearsal)).toEqual([0, 2_592_000_000])
  })

  test("a Retry-After beyond the deadline ends the call at once, with the reply and the time to come back", async () => {
    const { api, server, run, clock } = rehearse({ deadline: 10_000 })
    server.replies(503, { ...after("10"), body: { json: { message: "maintenance" } } })
    const error = await errorOf(run(api.get("/")))
    expect(ServiceUnavailableError.is(error) && error.serverMessage).toBe("maintenance")
    expect(error).toMatchObject({ retryAt: new Date(clock.date() + 10_000) })
    expect(clock.now()).toBe(0)
    server.verify()
  })

  test("a wait beyond maxWaitMs, all waits together, ends the call at once", async () => {
    const { api, server, run, clock } = rehearse({ retry: { baseMs: 0, maxWaitMs: 5000 } })
    server.replies(503, after("3")).replies(503, after("3"))
    const error = await errorOf(run(api.get("/")))
    expect(error).toMatchObject({ status: 503, message: expect.stringContaining("maxWaitMs") })
    expect(clock.now()).toBe(3000)
  })

  test("a later call starts with a short wait again", async () => {
    const { api, server, run } = rehearse({ retry: { budget: false } })
    for (let call = 0; call < 5; call++) {
      for (let attempt = 0; attempt < 4; attempt++) server.replies(503)
      server.replies(200)
      const { attempts } = await run(api.get("/"))
      expect(attempts[0]?.waitMs).toBeLessThan(500)
    }
  })
})

describe("how often", () => {
  test.each([1, 2, 10])("at most so many attempts: %i", async (attempts) => {
    const { api, server, run } = rehearse({ retry: { attempts, baseMs: 0 } })
    server.otherwise.replies(503)
    await run(api.get("/").outcome())
    expect(server.requests.length).toBe(attempts)
  })

  test("switched off, by the client or by the call, means once", async () => {
    const { api, server, run } = rehearse({ retry: false })
    server.replies(503)
    expect(await errorOf(run(api.get("/")))).toMatchObject({ message: expect.stringContaining("retries are off") })
    const other = rehearse()
    other.server.replies(503)
    await other.run(other.api.get("/", { retry: false }).outcome())
    other.server.verify()
    server.verify()
  })

  test("a call changes single numbers and keeps the others", async () => {
    const { api, server, run } = rehearse({ retry: { attempts: 7, baseMs: 0 } })
    server.otherwise.replies(503)
    await run(api.get("/", { retry: { attempts: 2 } }).outcome())
    expect(server.requests.length).toBe(2)
  })

  test.each([
    [{ attempts: 0 }, "retry.attempts"],
    [{ attempts: Number.NaN }, "retry.attempts"],
    [{ baseMs: -1 }, "retry.baseMs"],
    [{ capMs: Number.NaN }, "retry.capMs"],
    [{ budget: { capacity: 0 } }, "retry.budget.capacity"],
    [{ attempts: 2.5 }, "retry.attempts: 2.5; give a whole number"],
    [{ attemps: 3 }, "attemps"],
  ])("%j is refused when the client is made", (retry, named) => {
    expect(() => rehearse({ retry: retry as RetryOptions })).toThrow(named)
  })
})

test.each(["tls", "redirect", "refused"] as const)(
  "the last real reply is not lost to a later attempt that ended by %s",
  async (code) => {
    const failing: Policy = {
      name: "failing",
      scope: "attempt",
      wrap: (next) => async (exchange) =>
        exchange.record.attempts.length === 0 ? next(exchange) : failure(code, "no reply"),
    }
    const { api, server, run } = rehearse({ retry: { baseMs: 0, attempts: 2 }, add: [failing] })
    server.replies(503, { body: "busy" })
    expect(await errorOf(run(api.get("/")))).toMatchObject({ status: 503, serverMessage: "busy" })
  },
)

describe("an attempt that a policy rejects", () => {
  const rejectsFrom = (number: number): Policy => ({
    name: "gate",
    scope: "gate",
    wrap: (next) => async (exchange) =>
      exchange.record.attempts.length + 1 < number
        ? next(exchange)
        : failure("rejected", "the gate is shut", undefined, { retryAt: Date.UTC(2026, 0, 1, 0, 0, 5) }),
  })

  test("is not tried again, and says when to come back", async () => {
    const { api, server, run } = rehearse({ ...atOnce, add: [rejectsFrom(1)] })
    const outcome = await run(api.get("/").outcome())
    expect(outcome).toMatchObject({
      kind: "no-reply",
      retryAt: new Date("2026-01-01T00:00:05Z"),
      error: { code: "rejected" },
    })
    expect(server.requests).toHaveLength(0)
  })

  test("leaves the last real reply to the caller, without spending a token", async () => {
    const budget = retryBudget({ capacity: 1, perSuccess: 0 })
    const { api, server, run } = rehearse({ retry: { baseMs: 0, budget }, add: [rejectsFrom(2)] })
    server.replies(503)
    const error = await errorOf(run(api.get("/")))
    expect(error).toMatchObject({ status: 503, message: expect.stringContaining("a policy held it back") })
  })
})

describe("the budget", () => {
  test("can be shared between clients", async () => {
    const budget = retryBudget({ capacity: 1, perSuccess: 0 })
    const first = rehearse({ retry: { baseMs: 0, budget } })
    const second = rehearse({ retry: { baseMs: 0, budget } })
    first.server.replies(503).replies(200)
    second.server.replies(503)
    await first.run(first.api.get("/"))
    expect(await errorOf(second.run(second.api.get("/")))).toMatchObject({ status: 503 })
  })

  test.each([
    [404, {}, 200],
    [429, {}, 503],
    [501, { contract: rfc9110 }, 503],
  ])("is funded by replies of a server that is well, not by a %i: %j", async (status, options, ending) => {
    const { api, server, run } = rehearse({ retry: { baseMs: 0, budget: { capacity: 1, perSuccess: 1 } }, ...options })
    server.expect("GET /a").replies(503)
    server.expect("GET /a").replies(status)
    await run(api.get("/a").outcome())
    server.expect("GET /b").replies(503)
    if (ending === 200) server.expect("GET /b").replies(200)
    expect(await run(api.get("/b").outcome())).toMatchObject({ status: ending })
    server.verify()
  })

  test("bounds the retries of an origin that fails entirely, whatever the number of calls", async () => {
    const { api, server, run } = rehearse({ retry: { baseMs: 0 } })
    server.otherwise.replies(503)
    for (let call = 0; call < 100; call++) await run(api.get("/").outcome())
    expect(server.requests.length).toBe(110)
    const error = await errorOf(run(api.get("/")))
    expect(error).toMatchObject({ message: expect.stringContaining("retry budget is spent") })
  })

  test("is funded by successes", async () => {
    const { api, server, run } = rehearse({ retry: { baseMs: 0, budget: { capacity: 1, perSuccess: 0.5 } } })
    const attempts = async (): Promise<number> => (await run(api.get("/").outcome())).attempts.length
    server.replies(503).replies(200)
    expect(await attempts()).toBe(2)
    // Its success paid a half: not enough for the next failure.
    server.replies(503)
    expect(await attempts()).toBe(1)
    server.replies(200)
    expect(await attempts()).toBe(1)
    server.replies(503).replies(200)
    expect(await attempts()).toBe(2)
  })

  test("of one origin is not spent by another", async () => {
    const { api, server, run } = rehearse({ retry: { baseMs: 0, budget: { capacity: 1 } } })
    server.otherwise.replies(503)
    const attempts = async (url: string): Promise<number> => (await run(api.get(url).outcome())).attempts.length
    expect([await attempts("https://a.test"), await attempts("https://b.test")]).toEqual([2, 2])
    expect([await attempts("https://a.test"), await attempts("https://b.test")]).toEqual([1, 1])
  })

  test("is not spent by what is not retried for another reason", async () => {
    const { api, server, run } = rehearse({ retry: { baseMs: 0, budget: { capacity: 1, perSuccess: 0 } } })
    server.replies(404).replies(503, after("86400")).replies(503).replies(503).replies(200)
    await run(api.get("/").outcome())
    await run(api.get("/").outcome())
    await run(api.post("/", { json: 1, idempotencyKey: false }).outcome())
    expect((await run(api.get("/").outcome())).attempts.length).toBe(2)
  })
})

describe("safety", () => {
  test.each(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "QUERY"])("%s is repeated as it is", async (method) => {
    const { api, server, run } = rehearse(atOnce)
    server.fails("reset").replies(200)
    await run(api.request(method, "/"))
    expect(server.requests.map((request) => request.header("idempotency-key"))).toEqual([undefined, undefined])
  })

  test.each(["POST", "PATCH"])("%s is repeated under its key", async (method) => {
    const { api, server, run } = rehearse(atOnce)
    server.fails("reset").replies(200)
    await run(api.request(method, "/"))
    expect(server.requests.length).toBe(2)
  })

  const unkeyed = { ...atOnce, idempotencyKey: false } as const

  test.each(["reset", "timeout", "broken-body", "network", "protocol"] as const)(
    "without a key, a POST is not repeated after %s: it may have been processed",
    async (code) => {
      const { api, server, run } = rehearse(unkeyed)
      server.fails(code)
      const error = await errorOf(run(api.post("/", { json: 1 })))
      expect(error).toMatchObject({ code, message: expect.stringContaining("carries no Idempotency-Key") })
      server.verify()
    },
  )

  test.each(["refused", "dns"] as const)("without a key, a POST is repeated after %s", async (code) => {
    const { api, server, run } = rehearse(unkeyed)
    server.fails(code).replies(200)
    expect((await run(api.post("/", { json: 1 }))).attempts.length).toBe(2)
  })

  test.each([
    [421, {}, { contract: rfc9110 }],
    [425, {}, { contract: rfc9110 }],
    [429, after("1"), {}],
    [503, after("1"), {}],
    [409, { headers: { "x-should-retry": "true" } }, {}],
  ])("without a key, a POST is repeated after %i %j", async (status, parts, options) => {
    const { api, server, run } = rehearse({ ...unkeyed, ...options })
    server.replies(status, parts).replies(200)
    expect((await run(api.post("/", { json: 1 }))).attempts.length).toBe(2)
  })

  test.each([500, 502, 503, 504])("without a key, a POST is not repeated after a mere %i", async (status) => {
    const { api, server, run } = rehearse(unkeyed)
    server.replies(status)
    expect((await run(api.post("/", { json: 1 }).outcome())).attempts.length).toBe(1)
  })

  test("a key that the caller set makes a POST repeatable", async () => {
    const { api, server, run } = rehearse(unkeyed)
    server.fails("reset").replies(200)
    await run(api.post("/", { headers: { "Idempotency-Key": "mine" } }))
    expect(server.requests.map((request) => request.header("idempotency-key"))).toEqual(["mine", "mine"])
  })
})

describe("bodies of requests", () => {
  const bodies = {
    text: "hello",
    bytes: new TextEncoder().encode("hello"),
    "an ArrayBuffer": new TextEncoder().encode("hello").buffer,
    "a Blob": new Blob(["hello"]),
    "a function": () => new Blob(["hello"]).stream(),
  }

  test.each(Object.entries(bodies))("of %s are the same on every attempt", async (_, body) => {
    const { api, server, run } = rehearse(atOnce)
    server.fails("reset").replies(503).replies(200)
    await run(api.put("/", { body }))
    expect(server.requests.map((request) => request.text())).toEqual(["hello", "hello", "hello"])
  })

  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    yield* ["he", "llo"].map((text) => new TextEncoder().encode(text))
  }

  test("that are streams are sent once, and never as something empty", async () => {
    const { api, server, run } = rehearse(atOnce)
    server.replies(503)
    const error = await errorOf(run(api.put("/", { body: new Blob(["hello"]).stream() })))
    expect(error).toMatchObject({ status: 503, message: expect.stringContaining("give a function") })
    expect(server.requests.map((request) => request.text())).toEqual(["hello"])
  })

  test("that are streams are sent again when nothing of them was read", async () => {
    const { api, server, run } = rehearse(atOnce)
    server.fails("refused").replies(200)
    await run(api.put("/", { body: chunks() }))
    expect(server.requests.map((request) => request.text())).toEqual(["", "hello"])
  })

  test("that are streams are not sent again after their first byte", async () => {
    const { api, server, run } = rehearse(atOnce)
    server.fails("reset", { afterBodyBytes: 1 })
    await run(api.put("/", { body: chunks() }).outcome())
    expect(server.requests.map((request) => request.text())).toEqual(["he"])
  })

  test("that change their buffer afterwards are sent as they were", async () => {
    const { api, server, run } = rehearse(atOnce)
    const buffer = new TextEncoder().encode("hello")
    server.replies(503, after("1")).replies(200)
    const call = api.put("/", { body: buffer }).outcome()
    buffer.fill(0)
    await run(call)
    expect(server.requests.map((request) => request.text())).toEqual(["hello", "hello"])
  })
})

describe("the last word", () => {
  test("is the last reply when attempts end", async () => {
    const { api, server, run } = rehearse({ retry: { attempts: 2, baseMs: 0 } })
    server.replies(500).replies(503, { body: { json: { message: "still busy" } }, headers: { "x-request-id": "r-2" } })
    const error = await errorOf(run(api.get("/")))
    expect(ServerError.is(error) && [error.status, error.serverMessage, error.requestId]).toEqual([
      503,
      "still busy",
      "r-2",
    ])
    expect(error).toMatchObject({ message: expect.stringContaining("2 attempts") })
  })

  test("is an earlier reply when the later attempts got none", async () => {
    const { api, server, run } = rehearse({ retry: { attempts: 3, baseMs: 0 } })
    server
      .replies(503, { body: { json: { message: "busy" } } })
      .fails("refused")
      .fails("reset")
    const outcome = await run(api.get("/").outcome())
    expect(outcome).toMatchObject({ kind: "server-error", status: 503, error: { serverMessage: "busy" } })
    expect(outcome.attempts.map(({ status, failure }) => status ?? failure)).toEqual([503, "refused", "reset"])
  })

  test("is an earlier reply when the deadline comes during an attempt", async () => {
    const { api, server, run, clock } = rehearse({ retry: { baseMs: 0 }, deadline: 9000 })
    server.replies(503, { body: { json: { message: "busy" } } }).hangs()
    const error = await errorOf(run(api.get("/")))
    expect(error).toMatchObject({
      status: 503,
      serverMessage: "busy",
      message: expect.stringContaining("the deadline"),
    })
    expect([clock.now(), clock.pending]).toEqual([9000, 0])
  })

  test("is the failure when there never was a reply", async () => {
    const { api, server, run } = rehearse({ retry: { attempts: 2, baseMs: 0 } })
    server.fails("refused").fails("reset")
    const error = await errorOf(run(api.get("/")))
    expect(NoReplyError.is(error) && error.code).toBe("reset")
  })

  test("is the refusal that a retry met", async () => {
    const { api, server, run } = rehearse(atOnce)
    server.replies(503).replies(404)
    expect(await run(api.get("/").outcome())).toMatchObject({ kind: "client-error", status: 404 })
  })

  test("tells every attempt: when, how long, how it ended, the wait and why", async () => {
    const { api, server, run, clock } = rehearse(atOnce)
    const startedAt = clock.date()
    server
      .replies(503, { ...after("2"), delayMs: 10 })
      .fails("reset", { delayMs: 20 })
      .replies(200, { delayMs: 30 })
    const { attempts } = await run(api.get("/things"))
    expect(attempts.map((attempt) => ({ ...attempt }))).toMatchObject([
      {
        number: 1,
        method: "GET",
        startedAt,
        durationMs: 10,
        status: 503,
        waitMs: 2000,
        why: "the server asked for 2000 ms",
      },
      { number: 2, startedAt: startedAt + 2010, durationMs: 20, failure: "reset", waitMs: 0, why: "backoff" },
      { number: 3, startedAt: startedAt + 2030, durationMs: 30, status: 200 },
    ])
    expect(attempts[2]?.waitMs).toBeUndefined() // prettier-ignore
    expect(attempts[0]?.url).toBe("https://api.test/things")
  })
})

describe("abort", () => {
  test("during the wait rejects at that instant, with the exact reason", async () => {
    const { api, server, run, clock } = rehearse(atOnce)
    server.replies(503, after("30"))
    const controller = new AbortController()
    const reason = { any: "value" }
    clock.after(777, () => controller.abort(reason))
    expect(await errorOf(run(api.get("/", { signal: controller.signal })))).toBe(reason)
    expect([clock.now(), clock.pending]).toEqual([777, 0])
    server.verify()
  })

  test("before the call sends nothing", async () => {
    const { api, server, run } = rehearse()
    const reason = new Error("enough")
    expect(await errorOf(run(api.get("/", { signal: AbortSignal.abort(reason) })))).toBe(reason)
    expect(server.requests).toEqual([])
  })
})

test("a discarded reply is given up before the next attempt, not read", async () => {
  const { api, server, run } = rehearse(atOnce)
  server.replies(503, { body: "busy" }).replies(200, { body: "done" })
  const stream = await run(api.get("/").stream())
  expect(server.openBodies).toBe(1)
  await stream.cancel()
  expect(server.openBodies).toBe(0)
})

test.each([
  ["retry", () => retry(null as never)],
  ["retry.budget", () => retryBudget(null as never)],
])("%s(null) is refused in words", (name, make) => {
  expect(make).toThrow(new RegExp(`^${name}: null; give`))
})

test("a stream that is not the last reply's is let go before the next attempt", async () => {
  const ends: string[] = []
  const discards: Policy = {
    name: "discards",
    scope: "attempt",
    wrap: (next) => async (exchange) => {
      const outcome = await next(exchange)
      if (outcome.kind === "reply") outcome.body.onEnd(() => ends.push(`${outcome.status} over`))
      return outcome
    },
  }
  const { api, server, run } = rehearse({ ...atOnce, add: [discards] })
  server.replies(503, { body: "busy" }).replies(200, { body: "hello" })
  const outcome = await run(api.get("/").outcome({ reading: "stream" }))
  expect([outcome.kind, ends]).toEqual(["success", ["503 over"]])
})

test("each wait is told: of which call, after which attempt, how long and why", async () => {
  const told: unknown[] = []
  const { api, server, run } = rehearse({ ...atOnce, on: { waiting: (event) => told.push(event) } })
  server.replies(503, after("2")).replies(200)
  const { attempts } = await run(api.get("/"))
  expect(told).toMatchObject([
    { call: { method: "GET" }, attempt: attempts[0], waitMs: 2000, askedMs: 2000, why: "the server asked for 2000 ms" },
  ])
})

test("what the budget holds is told with each success, when a retry is paid and when one is refused", async () => {
  const told: unknown[] = []
  const on = { budget: (event: unknown) => told.push(event) }
  const retry = { baseMs: 0, attempts: 3, budget: { capacity: 1, perSuccess: 0.5 } }
  const { api, server, run } = rehearse({ retry, on })
  server.replies(200).replies(503).replies(503).replies(200)
  for (let call = 0; call < 3; call++) await run(api.get("/").outcome())
  expect(told).toEqual(
    [1, 0, 0, 0.5].map((tokens) => ({ policy: "retry", key: "https://api.test", tokens, capacity: 1 })),
  )
})

test.each([
  ["accepted", 200, "accept"],
  ["refused", 404, "correct"],
  ["unavailable", 503, "retry"],
])("the record holds the verdict on what was %s", async (_, status, verdict) => {
  const verdicts: unknown[] = []
  const on = { "call-ended": ({ call }: EventMap["call-ended"]) => verdicts.push(call.verdict) }
  const { api, server, run } = rehearse({ retry: { attempts: 2, baseMs: 0 }, on })
  server.otherwise.replies(status)
  await run(api.get("/").outcome())
  expect(verdicts).toEqual([verdict])
})

test("a call that is aborted while it waits is not tried again", async () => {
  const { api, server, run, clock } = rehearse()
  server.replies(503, after("10"))
  const controller = new AbortController()
  clock.after(5000, () => controller.abort("enough"))
  expect(await errorOf(run(api.get("/", { signal: controller.signal })))).toBe("enough")
  expect([server.requests.length, clock.now()]).toEqual([1, 5000])
})
