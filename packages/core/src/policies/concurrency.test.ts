import { getEventListeners } from "node:events"
import { rehearse, testExchange, testRuntime } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  bearer,
  concurrency,
  type ConcurrencyOptions,
  ConfigurationError,
  failure,
  type Handler,
  type Listeners,
  type Outcome,
  pace,
  type Reply,
  type TimeoutOptions,
} from "../index.ts"

const KEY = "https://api.test"

/** A client behind a limit. */
function limited(
  options: ConcurrencyOptions,
  more: { on?: Listeners; deadline?: number; timeout?: TimeoutOptions } = {},
) {
  const limit = concurrency(options)
  return { ...rehearse({ add: [limit], retry: false, ...more }), limit }
}

const reply = (status = 200): Reply => ({
  kind: "reply",
  status,
  url: undefined,
  headers: new Headers(),
  body: { bytes: new Uint8Array(), stream: () => new ReadableStream(), discard() {}, onEnd: (release) => release() },
})

/** A limit around a server that answers when the test says so. */
function gated(options: ConcurrencyOptions, on: Listeners = {}) {
  const limit = concurrency(options)
  const runtime = testRuntime({ on })
  const started: string[] = []
  const answers: ((outcome: Outcome) => void)[] = []
  const next: Handler = ({ request, watch }) => {
    watch?.sending()
    started.push(request.url.slice(KEY.length))
    return new Promise((resolve) => answers.push(resolve))
  }
  const handler = limit.wrap(next, runtime)
  const send = (path: string, parts = {}): Promise<Outcome> => handler(testExchange(KEY + path, parts))
  /** Sends attempts whose ends do not matter. */
  const begin = (...paths: string[]): void => {
    for (const path of paths) void send(path)
  }
  const answer = async (outcome: Outcome = reply()): Promise<void> => {
    answers.shift()?.(outcome)
    await runtime.clock.settle()
  }
  return { limit, runtime, clock: runtime.clock, started, send, begin, answer, handler }
}

describe("the limit", () => {
  test("lets so many attempts out at once, and the next as each of them ends", async () => {
    const { api, server, run, limit, clock } = limited({ limit: 2 })
    server.otherwise.replies(200, { delayMs: 100 })
    const calls = Array.from({ length: 5 }, (_, index) => api.get(`/${index}`).then(({ status }) => status))
    await clock.settle()
    expect(limit.usage(KEY)).toEqual({ limit: 2, inFlight: 2, queued: 3 })
    expect(await run(Promise.all(calls))).toEqual([200, 200, 200, 200, 200])
    expect(server.requests.map(({ url, startedAtMs }) => [url.at(-1), startedAtMs])).toEqual([
      ["0", 0], ["1", 0], ["2", 100], ["3", 100], ["4", 200],
    ]) // prettier-ignore
    expect([limit.usage(KEY), clock.pending]).toEqual([{ limit: 2, inFlight: 0, queued: 0 }, 0])
  })

  test("is each origin's own, or each key's", async () => {
    const byOrigin = gated({ limit: 1 })
    byOrigin.begin("/a")
    void byOrigin.handler(testExchange("https://other.test/"))
    expect(byOrigin.limit.usage("https://other.test").inFlight).toBe(1)
    const byKey = gated({ limit: 1, key: ({ method }) => method })
    for (const method of ["GET", "GET", "PUT"]) void byKey.send("/", { method })
    expect(["GET", "PUT"].map((key) => byKey.limit.usage(key))).toEqual([
      { limit: 1, inFlight: 1, queued: 1 },
      { limit: 1, inFlight: 1, queued: 0 },
    ])
  })

  test("holds for all clients that the policy was given to", async () => {
    const { api, server, limit, clock } = limited({ limit: 1 })
    server.otherwise.hangs()
    const patient = api.extend({ deadline: 90_000 })
    api.get("/a").then(undefined, () => {})
    patient.get("/b").then(undefined, () => {})
    await clock.settle()
    expect(limit.usage(KEY)).toEqual({ limit: 1, inFlight: 1, queued: 1 })
  })

  test("outlasts more keys than are remembered, for a key that is in use", async () => {
    const { limit, handler, send, started, begin } = gated({ limit: 1, queue: { size: 0 } })
    begin("/a")
    for (let i = 0; i < 2500; i++) void handler(testExchange(`https://h${i}.test/`))
    expect(await send("/b")).toMatchObject({ code: "rejected" })
    expect([limit.usage(KEY).inFlight, started.includes("/b")]).toEqual([1, false])
  })

  test("does not let a refresh of credentials wait for the attempt that waits for it", async () => {
    const limit = concurrency({ limit: 1 })
    let token = "stale-token"
    const auth = bearer(() => token, {
      refresh: async () => {
        await api.post("/token", { auth: false })
        token = "fresh-token"
      },
    })
    const { api, server, run, clock } = rehearse({ add: [limit], auth })
    server.expect("GET /").replies(401)
    server.expect("POST /token").replies(200)
    server.expect("GET /").replies(200)
    expect((await run(api.get("/"))).status).toBe(200)
    expect([clock.now(), limit.usage(`${KEY} (auth: false)`).limit]).toEqual([0, 1])
    server.verify()
  })
})

describe("a permit", () => {
  test("is not held while a retry waits", async () => {
    const limit = concurrency({ limit: 1 })
    const { api, server, run } = rehearse({ add: [limit], retry: { baseMs: 0 } })
    server.expect("GET /a").replies(503, { headers: { "retry-after": "5" } })
    server.expect("GET /b").replies(200)
    server.expect("GET /a").replies(200)
    const first = run(api.get("/a"))
    expect((await run(api.get("/b"))).status).toBe(200)
    expect((await first).attempts.length).toBe(2)
    expect(server.requests.map(({ startedAtMs }) => startedAtMs >= 5000)).toEqual([false, false, true])
  })

  test("is held until a streamed body has been read to its end", async () => {
    const { api, server, run, limit } = limited({ limit: 1 })
    server.otherwise.replies(200, { body: "hello", trickle: { chunkBytes: 1, gapMs: 10 } })
    const body = await run(api.get("/").stream())
    expect(limit.usage(KEY).inFlight).toBe(1)
    await run(new Response(body).text())
    expect(limit.usage(KEY).inFlight).toBe(0)
  })

  test("comes back when a streamed body is cancelled", async () => {
    const { api, server, run, limit } = limited({ limit: 1 })
    server.otherwise.replies(200, { body: "hello" })
    const body = await run(api.get("/").stream())
    await body.cancel()
    expect(limit.usage(KEY).inFlight).toBe(0)
  })

  test("comes back when a streamed body is aborted that nobody reads, and no listener stays", async () => {
    const { api, server, run, limit } = limited({ limit: 1 })
    server.otherwise.replies(200, { body: "hello", trickle: { chunkBytes: 1, gapMs: 10 } })
    const controller = new AbortController()
    await run(api.get("/", { signal: controller.signal }).stream())
    controller.abort()
    expect([limit.usage(KEY).inFlight, getEventListeners(controller.signal, "abort").length]).toEqual([0, 0])
  })

  test("leaves no listener behind when a streamed body has ended", async () => {
    const { limit, send, answer } = gated({ limit: 1 })
    const { signal } = new AbortController()
    const { body, ...head } = reply()
    let end = (): void => {}
    const streamed = { ...body, bytes: undefined, onEnd: (release: () => void) => void (end = release) }
    void send("/a", { signal })
    await answer({ ...head, body: streamed })
    expect([limit.usage(KEY).inFlight, getEventListeners(signal, "abort").length]).toEqual([1, 1])
    end()
    expect([limit.usage(KEY).inFlight, getEventListeners(signal, "abort").length]).toEqual([0, 0])
  })

  test("comes back once, also from a body that says twice that it ended", async () => {
    const { limit, answer, begin } = gated({ limit: 2 })
    const twice = reply()
    twice.body.onEnd = (release) => {
      release()
      release()
    }
    begin("/a")
    begin("/b")
    await answer(twice)
    expect(limit.usage(KEY).inFlight).toBe(1)
  })

  test("comes back when the attempt throws, times out or is aborted", async () => {
    const { api, server, run, limit } = limited({ limit: 1 }, { timeout: { attemptMs: 50 } })
    server.throws(new Error("a defect")).hangs().hangs()
    await expect(run(api.get("/"))).rejects.toThrow("a defect")
    await expect(run(api.get("/"))).rejects.toThrow("no reply within 50 ms")
    const controller = new AbortController()
    const call = api.get("/", { signal: controller.signal }).outcome()
    call.then(undefined, () => {})
    controller.abort("enough")
    await expect(run(call)).rejects.toBe("enough")
    expect(limit.usage(KEY)).toEqual({ limit: 1, inFlight: 0, queued: 0 })
  })

  test("passes through 10,000 waiting attempts", async () => {
    const limit = concurrency({ limit: 1, queue: { size: 10_000 } })
    const handler = limit.wrap(async () => reply(), testRuntime())
    const outcomes = await Promise.all(Array.from({ length: 10_000 }, () => handler(testExchange(KEY))))
    expect(outcomes.every(({ kind }) => kind === "reply")).toBe(true)
    expect(limit.usage(KEY)).toEqual({ limit: 1, inFlight: 0, queued: 0 })
  })
})

describe("the queue", () => {
  test("serves in the order of arrival", async () => {
    const { answer, started, begin } = gated({ limit: 1 })
    begin("/a", "/b", "/c")
    await answer()
    begin("/d")
    for (let i = 0; i < 3; i++) await answer()
    expect(started).toEqual(["/a", "/b", "/c", "/d"])
  })

  test("can serve the newest first, and then drops the oldest when it is full", async () => {
    const { send, answer, started, begin } = gated({ limit: 1, queue: { size: 2, order: "lifo" } })
    begin("/a")
    const oldest = send("/b")
    begin("/c", "/d")
    expect(await oldest).toMatchObject({ message: expect.stringContaining("a later one took its place") })
    await answer()
    await answer()
    expect(started).toEqual(["/a", "/d", "/c"])
  })

  test("holds 1000 unless told otherwise", async () => {
    const { send, limit, begin } = gated({ limit: 1 })
    for (let i = 0; i < 1001; i++) begin("/")
    expect(await send("/")).toMatchObject({ code: "rejected" })
    expect(limit.usage(KEY).queued).toBe(1000)
  })

  test("rejects at once what finds it full, and says so", async () => {
    const heard: unknown[] = []
    const { send, begin } = gated(
      { limit: 2, queue: { size: 1 } },
      { rejected: ({ policy, key, why }) => heard.push([policy, key, why]) },
    )
    begin("/a", "/b", "/c")
    expect(await send("/d")).toEqual(
      failure("rejected", `concurrency() is full for ${KEY}: 2 of 2 under way, 1 waiting; queue.size is 1`),
    )
    expect(heard).toEqual([["concurrency", KEY, "queue.size is 1"]])
  })

  test("lets an aborted attempt go at once, with its reason, and nobody waits for its place", async () => {
    const { send, answer, started, limit, clock, begin } = gated({ limit: 1, queue: { maxWaitMs: 1000 } })
    const controller = new AbortController()
    begin("/a")
    const aborted = send("/b", { signal: controller.signal })
    begin("/c")
    controller.abort("enough")
    expect(await aborted).toMatchObject({ code: "aborted", cause: "enough" })
    expect([limit.usage(KEY).queued, getEventListeners(controller.signal, "abort").length]).toEqual([1, 0])
    await answer()
    expect([started, clock.pending]).toEqual([["/a", "/c"], 0])
  })

  test("does not take in an attempt that was aborted before", async () => {
    const { send, limit, begin } = gated({ limit: 1 })
    begin("/a")
    expect(await send("/b", { signal: AbortSignal.abort("before") })).toMatchObject({ cause: "before" })
    expect(limit.usage(KEY).queued).toBe(0)
  })

  test("rejects an attempt that has waited for maxWaitMs, or until its deadline", async () => {
    const { send, clock, limit, begin } = gated({ limit: 1, queue: { maxWaitMs: 300 } })
    begin("/a")
    const late = send("/b")
    const later = send("/c", { deadlineAt: 200 })
    expect(await clock.runUntil(later)).toMatchObject({ message: expect.stringContaining("it waited 200 ms") })
    expect(clock.now()).toBe(200)
    expect(await clock.runUntil(late)).toMatchObject({ code: "rejected", processed: false })
    expect([clock.now(), limit.usage(KEY).queued]).toEqual([300, 0])
  })

  test("ends with the call's deadline", async () => {
    const { api, server, run, clock, limit } = limited({ limit: 1 }, { deadline: 1000 })
    server.hangs()
    const first = api.get("/a").outcome()
    const second = api.get("/b").outcome()
    expect(await run(second)).toMatchObject({ kind: "no-reply", attempts: [] })
    await run(first)
    expect([clock.now(), clock.pending, limit.usage(KEY)]).toEqual([1000, 0, { limit: 1, inFlight: 0, queued: 0 }])
  })

  test("rejects at once when no time is left", async () => {
    const { send, begin } = gated({ limit: 1 })
    begin("/a")
    expect(await send("/b", { deadlineAt: 0 })).toMatchObject({ message: expect.stringContaining("no time is left") })
  })

  test("rejects at once what would be too late even if all went as fast as the fastest lately", async () => {
    const { send, answer, clock, begin } = gated({ limit: 1 })
    begin("/a", "/b", "/c", "/d")
    await clock.advance(100)
    await answer()
    await clock.advance(150)
    await answer()
    expect(await send("/e", { deadlineAt: clock.now() + 99 })).toMatchObject({
      message: expect.stringContaining("its turn would not come within 99 ms"),
    })
    const hopeful = send("/f", { deadlineAt: clock.now() + 101 })
    expect(await Promise.race([hopeful, clock.settle()])).toBeUndefined()
  })

  test("does not take what was never sent, or was given up, for quick attempts", async () => {
    const { send, begin, answer, clock } = gated({ limit: 1 })
    begin("/a", "/b", "/c", "/d", "/e")
    await clock.advance(100)
    await answer()
    await answer(failure("rejected", "breaker() is open"))
    await answer(failure("aborted", "aborted by the caller"))
    expect(await send("/f", { deadlineAt: clock.now() + 99 })).toMatchObject({ code: "rejected" })
  })

  test("tells how long an attempt is expected to wait", async () => {
    const waits: number[] = []
    const { send, answer, clock, begin } = gated({ limit: 2 }, { held: ({ waitMs }) => waits.push(waitMs) })
    begin("/a", "/b", "/c")
    await clock.advance(400)
    await answer()
    begin("/d")
    void send("/e", { deadlineAt: clock.now() + 50 })
    expect(waits).toEqual([0, 200, 50])
  })
})

describe("a rejected call", () => {
  test("ends without an attempt, and is not retried", async () => {
    const limit = concurrency({ limit: 1, queue: { size: 0 } })
    const { api, server, run } = rehearse({ add: [limit] })
    server.hangs()
    api.get("/a").then(undefined, () => {})
    const outcome = await run(api.get("/b").outcome())
    expect(outcome).toMatchObject({ kind: "no-reply", attempts: [] })
    expect(outcome.kind === "no-reply" && outcome.error.message).toContain("1 of 1 under way, 0 waiting")
  })

  test("still gets the last real reply that it had", async () => {
    const limit = concurrency({ limit: 1, queue: { size: 0 } })
    const { api, server, run, clock } = rehearse({ add: [limit], retry: { baseMs: 0 } })
    server.replies(503, { headers: { "retry-after": "5" } }).hangs()
    const first = api.get("/a").outcome()
    first.then(undefined, () => {})
    await clock.advance(1000)
    api.get("/b").then(undefined, () => {})
    expect(await run(first)).toMatchObject({ kind: "server-error", status: 503 })
    expect(clock.now()).toBe(5000)
  })
})

test("an adaptive limit does not rise while a gate inside holds back most of what has a permit", async () => {
  const adaptive = concurrency({ adaptive: true })
  const limits: number[] = []
  const on = { changed: (): unknown => limits.push(adaptive.usage(KEY).limit) }
  const { api, server, run } = rehearse({ deadline: false, add: [adaptive, pace({ perSecond: 20 })], on })
  server.otherwise.replies(200, { delayMs: 50 })
  await run(Promise.all(Array.from({ length: 1000 }, () => api.get("/").outcome())))
  expect(Math.max(...limits)).toBe(10)
})

test("an adaptive limit learns from the server's time alone, not from what a gate inside holds back", async () => {
  const adaptive = concurrency({ adaptive: { initial: 10 } })
  const { api, server, run } = rehearse({ deadline: false, add: [adaptive, pace({ perSecond: 100, burst: 1 })] })
  server.otherwise.replies(200, { delayMs: 10 })
  for (let round = 0; round < 20; round++)
    await run(Promise.all(Array.from({ length: 20 }, () => api.get("/").outcome())))
  expect(adaptive.usage("https://api.test").limit).toBeGreaterThanOrEqual(10)
})

test("a credential in a key is shown to nobody", async () => {
  const heard: unknown[] = []
  const limit = concurrency({
    limit: 1,
    queue: { size: 1 },
    key: ({ headers }) => headers.find(([name]) => name === "x-api-key")?.[1] ?? "",
  })
  const { api, server, run } = rehearse({
    add: [limit],
    retry: false,
    headers: { "x-api-key": "s3cret-key" },
    on: { held: ({ key }) => heard.push(key), rejected: ({ key }) => heard.push(key) },
  })
  server.hangs()
  for (const path of ["/a", "/b"]) api.get(path).then(undefined, () => {})
  const outcome = await run(api.get("/c").outcome())
  expect(outcome.kind === "no-reply" && outcome.error.message).toContain("is full for REDACTED: 1 of 1")
  expect(heard).toEqual(["REDACTED", "REDACTED"])
})

describe("concurrency() refuses", () => {
  test.each<[string, unknown, string]>([
    ["no options", undefined, "concurrency: undefined; give { limit, adaptive, queue, key }"],
    ["neither", {}, "concurrency: no limit; give either limit: 10 or adaptive: true"],
    ["both", { limit: 1, adaptive: true }, "concurrency: limit beside adaptive; give either limit: 10 or adaptive: true"],
    ["no limit", { adaptive: false }, "concurrency: no limit; give either limit: 10 or adaptive: true"],
    ["a limit of 0", { limit: 0 }, "concurrency.limit: 0; give a number from 1 to Infinity"],
    ["half a permit", { limit: 1.5 }, "concurrency.limit: 1.5; give a whole number"],
    ["no limit at all", { limit: Infinity }, "concurrency.limit: Infinity; give a whole number"],
    ["a text", { limit: "10" }, 'concurrency.limit: "10"; give a number from 1 to Infinity'],
    ["an unknown option", { limit: 1, size: 2 }, 'concurrency: no option "size"; there is limit, adaptive, queue, key'],
    ["a number as queue", { limit: 1, queue: 5 }, "concurrency.queue: 5; give { size, order, maxWaitMs }"],
    ["a negative queue", { limit: 1, queue: { size: -1 } }, "concurrency.queue.size: -1; give a number from 0 to Infinity"],
    ["an endless queue", { limit: 1, queue: { size: Infinity } }, "concurrency.queue.size: Infinity; give a whole number"],
    ["an unknown order", { limit: 1, queue: { order: "random" } }, 'concurrency.queue.order: "random"; give "fifo" or "lifo"'],
    ["a wait of 0", { limit: 1, queue: { maxWaitMs: 0 } }, "concurrency.queue.maxWaitMs (ms, or false): 0; give a number from 1 to Infinity"],
    ["a key that is no function", { limit: 1, key: "host" }, 'concurrency.key: "host"; give a function'],
    ["an unknown bound", { adaptive: { start: 5 } }, 'concurrency.adaptive: no option "start"; there is min, max, initial'],
    ["a number as adaptive", { adaptive: 20 }, "concurrency.adaptive: 20; give { min, max, initial }"],
    ["a least of 0", { adaptive: { min: 0 } }, "concurrency.adaptive.min: 0; give a number from 1 to Infinity"],
    ["a most below the least", { adaptive: { min: 9, max: 8 } }, "concurrency.adaptive.max: 8; give a number from 9 to Infinity"],
    ["a beginning outside", { adaptive: { max: 8, initial: 9 } }, "concurrency.adaptive.initial: 9; give a number from 1 to 8"],
  ])("%s", (_, options, message) => {
    expect(() => concurrency(options as never)).toThrow(new ConfigurationError(message))
  }) // prettier-ignore
})

describe("an adaptive limit", () => {
  /** What the limit is after so many rounds of 20 attempts that end alike. */
  async function limitAfter(outcome: Outcome, rounds = 1): Promise<number> {
    const { limit, clock, begin, answer } = gated({ adaptive: { initial: 20 } })
    for (let round = 0; round < rounds; round++) {
      begin(...Array.from({ length: 20 }, () => "/"))
      await clock.advance(10)
      for (let count = 0; count < 20; count++) await answer(outcome)
    }
    return limit.usage(KEY).limit
  }

  test.each<[string, Outcome]>([
    ["a 429", reply(429)],
    ["a 503", reply(503)],
    ["an attempt that took too long", failure("timeout", "", undefined, { limit: "attempt" })],
  ])("is lowered by many a sign of overload: %s", async (_, outcome) => {
    expect(await limitAfter(outcome)).toBe(15)
  })

  test.each<[string, Outcome]>([
    ["a 500", reply(500)],
    ["a broken connection", failure("reset", "")],
    ["the deadline", failure("timeout", "", undefined, { limit: "deadline" })],
    ["the caller", failure("aborted", "")],
  ])("is not lowered by %s", async (_, outcome) => {
    expect(await limitAfter(outcome, 3)).toBe(20)
  })

  test.each([200, 404, 499])("is learnt from the times of a %i: at half the limit first", async (status) => {
    expect(await limitAfter(reply(status), 1)).toBe(20)
    expect(await limitAfter(reply(status), 2)).toBe(10)
  })

  test("tells what it has become, and why", async () => {
    const told: unknown[] = []
    const { clock, begin, answer } = gated({ adaptive: { initial: 20 } }, { changed: (event) => told.push(event) })
    begin(...Array.from({ length: 21 }, () => "/"))
    await clock.advance(10)
    for (let count = 0; count < 20; count++) await answer(reply(429))
    const why = "20 of 20 attempts ended with a sign of overload"
    expect(told).toEqual([
      { policy: "concurrency", key: KEY, state: "limit", why, numbers: { limit: 15, inFlight: 2, queued: 0 } },
    ])
  })
})

describe("how long permits are held", () => {
  async function rejectedAfter(ended: Outcome): Promise<unknown> {
    const { clock, send, begin, answer } = gated({ limit: 1 })
    await clock.advance(5000)
    begin("/first")
    await clock.advance(1000)
    await answer(ended)
    begin("/second", "/third")
    const outcome = send("/fourth", { deadlineAt: clock.now() + 900 })
    return Promise.race([outcome, clock.settle()])
  }

  test.each<[string, Outcome]>([
    ["a reply", reply()],
    ["a failure", failure("reset", "")],
  ])("is known from %s, and rejects at once what could not have its turn in time", async (_, ended) => {
    expect(await rejectedAfter(ended)).toMatchObject({
      code: "rejected",
      message: expect.stringContaining("its turn would not come within 900 ms"),
    })
  })

  test.each<[string, Outcome]>([
    ["the caller ended", failure("aborted", "")],
    ["was not sent", failure("rejected", "")],
  ])("is not known from an attempt that %s", async (_, ended) => {
    expect(await rejectedAfter(ended)).toBeUndefined()
  })
})
