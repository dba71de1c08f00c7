import { rehearse, testExchange, testRuntime, type TestExchangeParts } from "@steadfetch/testing"
import { describe, expect, test, vi } from "vitest"
import {
  ConfigurationError,
  failover,
  failure,
  hedge,
  lowLatency,
  pipeline,
  retryBudget,
  standard,
  type EventMap,
  type HedgeOptions,
  type Listener,
  type Outcome,
  type Policy,
  type Reply,
  type Signal,
} from "../index.ts"

/** A client whose hedges go out after 10 ms. */
function hedging(options: HedgeOptions = {}, more: Parameters<typeof rehearse>[0] = {}) {
  const budget = options.budget === undefined ? retryBudget() : options.budget
  return rehearse({ retry: { baseMs: 0, budget }, add: [hedge({ afterMs: 10, ...options, budget })], ...more })
}

const json = (value: unknown, delayMs: number) => ({ body: { json: value }, delayMs })

describe("a hedge", () => {
  test("goes out when the first attempt takes longer than the delay, and its answer is taken when it is the first", async () => {
    const { api, server, run, clock } = hedging()
    server.replies(200, json("first", 500)).replies(200, json("hedge", 5))
    expect(await run(api.get("/").json())).toBe("hedge")
    expect(server.requests.map(({ startedAtMs, end }) => [startedAtMs, end])).toEqual([
      [0, "aborted"],
      [10, "answered"],
    ])
    expect([clock.now(), clock.pending, server.openBodies]).toEqual([15, 0, 0])
  })

  test("is cancelled when the first attempt is answered before it", async () => {
    const { api, server, run, clock } = hedging()
    server.replies(200, json("first", 12)).replies(200, json("hedge", 5))
    expect(await run(api.get("/").json())).toBe("first")
    expect(server.requests.map(({ end }) => end)).toEqual(["answered", "aborted"])
    expect([clock.now(), clock.pending, server.openBodies]).toEqual([12, 0, 0])
  })

  test("does not go out when the answer comes in time", async () => {
    const { api, server, run, clock } = hedging()
    server.replies(200, json("first", 9))
    await run(api.get("/").json())
    server.verify()
    expect(clock.pending).toBe(0)
  })

  test("is told of in the record: both attempts, in the order in which they began, and why one was given up", async () => {
    const { api, server, run } = hedging()
    server.hangs().replies(200, { delayMs: 5 })
    const { attempts } = await run(api.get("/"))
    expect(attempts).toMatchObject([
      { number: 1, failure: "aborted", message: expect.stringContaining("another attempt"), durationMs: 15 },
      { number: 2, status: 200, durationMs: 5 },
    ])
  })

  test("is told of as it goes out", async () => {
    const told = vi.fn<Listener<"hedged">>()
    const { api, server, run } = hedging({}, { on: { hedged: told } })
    server.hangs().replies(200)
    await run(api.get("/"))
    expect(told.mock.calls).toEqual([[{ call: expect.objectContaining({ method: "GET" }), afterMs: 10 }]])
  })

  test("is followed by another one after the same delay, where there may be several", async () => {
    const { api, server, run } = hedging({ hedges: 2 })
    server.hangs().hangs().replies(200, { delayMs: 1 })
    await run(api.get("/"))
    expect(server.requests.map(({ startedAtMs }) => startedAtMs)).toEqual([0, 10, 20])
  })

  test("wins with a refusal, too: a 4xx is an answer", async () => {
    const { api, server, run } = hedging()
    server.hangs().replies(404, { delayMs: 1 })
    const outcome = await run(api.get("/").outcome())
    expect([outcome.kind, outcome.attempts.length]).toEqual(["client-error", 2])
  })
})

describe("a failure", () => {
  test("brings the hedge forward", async () => {
    const { api, server, run } = hedging()
    server.fails("reset", { delayMs: 3 }).replies(200)
    await run(api.get("/"))
    expect(server.requests.map(({ startedAtMs }) => startedAtMs)).toEqual([0, 3])
  })

  test("of one attempt waits for the other one when no hedge is left", async () => {
    const { api, server, run } = hedging()
    server.replies(200, json("first", 30)).fails("reset", { delayMs: 3 })
    expect(await run(api.get("/").json())).toBe("first")
    expect(server.requests.length).toBe(2)
  })

  test.each([
    ["a 503", 503, {}],
    ["a 429", 429, {}],
    ["a named time", 500, { headers: { "retry-after": "2" } }],
    ["a server that says no", 500, { headers: { "x-should-retry": "false" } }],
  ])("brings no hedge forward when it is %s", async (_, status, parts) => {
    const { api, server, run } = hedging({}, { retry: false })
    server.replies(status, parts)
    expect((await run(api.get("/").outcome())).attempts.length).toBe(1)
    server.verify()
  })

  test("brings no hedge forward when it is a 429 that the contract retries", async () => {
    const contract = { 429: "retry" } as const
    const { api, server, run } = hedging({ contract }, { retry: false, contract })
    server.replies(429)
    expect((await run(api.get("/").outcome())).attempts.length).toBe(1)
  })

  test("that names a time sends no hedge in the time that the other attempt takes", async () => {
    const { api, server, run } = hedging({ hedges: 5 })
    server.replies(200, { delayMs: 60 }).replies(503, { headers: { "retry-after": "1" } })
    await run(api.get("/"))
    expect(server.requests.length).toBe(2)
  })

  test("of all attempts ends the round with the last real reply, and the retry waits as its server asks", async () => {
    const { api, server, run } = hedging()
    server
      .replies(503, { headers: { "retry-after": "2" }, delayMs: 20 })
      .fails("reset", { delayMs: 30 })
      .replies(200)
    await run(api.get("/"))
    expect(server.requests.map(({ startedAtMs }) => startedAtMs)).toEqual([0, 10, 2040])
  })

  test("of all attempts prefers, of several replies, the one that names the latest time", async () => {
    const { api, server, run } = hedging()
    server
      .replies(503, { headers: { "retry-after": "2" }, delayMs: 20 })
      .replies(500, { delayMs: 30 })
      .replies(200)
    await run(api.get("/"))
    expect(server.requests[2]?.startedAtMs).toBe(2040)
  })

  test.each([
    ["first", "20", "5"],
    ["second", "5", "20"],
  ])("of all endpoints waits for the one that is ready first: the %s named the longer time", async (_, one, other) => {
    const bases = ["https://eu.test", "https://us.test"]
    const add = [hedge({ afterMs: 50 }), failover({ endpoints: bases })]
    const { api, server, run } = rehearse({ baseUrl: "https://eu.test", retry: { baseMs: 0 }, add })
    server.replies(503, { headers: { "retry-after": one }, delayMs: 100 })
    server.replies(503, { headers: { "retry-after": other }, delayMs: 100 }).replies(200)
    await run(api.get("/"))
    const readyAtMs = one === "5" ? 5100 : 5150
    expect(server.requests.map(({ startedAtMs }) => startedAtMs)).toEqual([0, 50, readyAtMs])
    expect(server.requests[2]?.url).toBe(one === "5" ? "https://eu.test/" : "https://us.test/")
  })

  test("of two endpoints goes on at a third one at once", async () => {
    const endpoints = ["https://eu.test", "https://us.test", "https://ap.test"]
    const add = [hedge({ afterMs: 50 }), failover({ endpoints })]
    const { api, server, run } = rehearse({ baseUrl: "https://eu.test", retry: { baseMs: 0 }, add })
    server.replies(503, { headers: { "retry-after": "20" }, delayMs: 100 })
    server.replies(503, { headers: { "retry-after": "5" }, delayMs: 100 }).replies(200)
    await run(api.get("/"))
    expect(server.requests.map(({ url, startedAtMs }) => [url, startedAtMs]).at(-1)).toEqual(["https://ap.test/", 150])
  })

  test("by the deadline does not lose the reply that an attempt got", async () => {
    const { api, server, run, clock } = hedging({}, { deadline: 1000 })
    server.replies(500, { delayMs: 20, body: { json: { message: "broken" } } }).hangs()
    const outcome = await run(api.get("/").outcome())
    expect([outcome.kind, clock.now(), clock.pending]).toEqual(["server-error", 1000, 0])
  })
})

describe("no hedge goes out", () => {
  test("for a POST without a key", async () => {
    const { api, server, run } = hedging()
    server.otherwise.replies(200, { delayMs: 100 })
    await run(api.post("/", { json: 1, idempotencyKey: false }))
    expect(server.requests.length).toBe(1)
    await run(api.post("/", { json: 1 }))
    expect(server.requests.length).toBe(3)
    expect(server.requests[1]?.header("idempotency-key")).toBe(server.requests[2]?.header("idempotency-key"))
  })

  test("for a write with a condition, which the first one's work would fail", async () => {
    const { api, server, run } = hedging()
    server.otherwise.replies(200, { delayMs: 100 })
    await run(api.put("/", { json: 1, headers: { "if-match": '"1"' } }))
    expect(server.requests.length).toBe(1)
    await run(api.get("/", { headers: { "if-none-match": '"1"' } }))
    expect(server.requests.length).toBe(3)
  })

  test("for a body that is a stream, not even while nobody has read it", async () => {
    const { api, server, run } = hedging()
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.close() })
    server.replies(200, { delayMs: 100 })
    await run(api.put("/", { body }))
    expect(server.requests.length).toBe(1)
  })

  test("for a call that is to be sent once", async () => {
    const { api, server, run } = hedging()
    server.otherwise.replies(200, { delayMs: 100 })
    await run(api.get("/", { retry: false }))
    await run(api.get("/", { retry: { attempts: 1 } }))
    expect(server.requests.length).toBe(2)
  })

  test("for a request that `when` leaves out", async () => {
    const { api, server, run } = hedging({ when: ({ url }) => !url.includes("report") })
    server.otherwise.replies(200, { delayMs: 100 })
    await run(api.get("/report"))
    expect(server.requests.length).toBe(1)
  })

  test("while a gate inside holds the attempt back, and its time there does not count", async () => {
    const holds: Policy = {
      name: "holds",
      scope: "gate",
      wrap:
        (next, { clock }) =>
        async (exchange) => {
          await new Promise<void>((resolve) => clock.after(55, resolve))
          return next(exchange)
        },
    }
    const { api, server, run } = hedging({}, { add: [hedge({ afterMs: 10 }), holds] })
    server.replies(200, { delayMs: 9 })
    await run(api.get("/"))
    server.replies(200, { delayMs: 500 }).replies(200)
    await run(api.get("/"))
    expect(server.requests.map(({ startedAtMs }) => startedAtMs)).toEqual([55, 119, 184])
  })
})

describe("the budget", () => {
  test.each([
    ["the retries'", retryBudget(), "retry", 9.15],
    ["its own", undefined, "hedge", 9.1],
  ])("is told when a hedge is paid and when an answer pays in: %s", async (_, budget, policy, last) => {
    const all: EventMap["budget"][] = []
    const add = [hedge({ afterMs: 10, budget })]
    const { api, server, run } = rehearse({ retry: { budget }, add, on: { budget: (event) => all.push(event) } })
    server.replies(200, { delayMs: 500 }).replies(200)
    await run(api.get("/"))
    const key = "https://api.test"
    const told = all.filter((event) => event.policy === policy)
    expect(told[0]).toEqual({ policy, key, tokens: 9, capacity: 10 })
    expect(told.at(-1)).toEqual({ policy, key, tokens: last, capacity: 10 })
  })

  test("pays for each hedge before it goes out; when it is spent there is none", async () => {
    const budget = retryBudget({ capacity: 3, perSuccess: 0 })
    const { api, server, run } = hedging({ budget })
    server.otherwise.replies(200, { delayMs: 100 })
    for (let call = 0; call < 5; call++) await run(api.get("/"))
    expect([server.requests.length, budget.withdraw("https://api.test")]).toEqual([8, false])
  })

  test("that was given is paid into by whoever else has it, not by the hedges", async () => {
    const budget = retryBudget({ capacity: 3, perSuccess: 1 })
    const { api, server, run } = rehearse({ add: [hedge({ afterMs: 10, budget })] })
    server.otherwise.replies(200, { delayMs: 100 })
    for (let call = 0; call < 5; call++) await run(api.get("/"))
    expect(server.requests.length).toBe(8)
  })

  test("of its own is paid into by answers, a tenth of a token each", async () => {
    const { api, server, run } = rehearse({ add: [hedge({ afterMs: 10 })] })
    server.otherwise.replies(200, { delayMs: 100 })
    for (let call = 0; call < 100; call++) await run(api.get("/"))
    expect(server.requests.length - 100).toBeGreaterThanOrEqual(18)
    expect(server.requests.length - 100).toBeLessThanOrEqual(20)
  })

  test.each([429, 503])("of its own is not paid into by a %i that is final", async (status) => {
    const { api, server, run } = rehearse({ retry: false, add: [hedge({ afterMs: 10 })] })
    server.otherwise.replies(200, { delayMs: 100 })
    for (let call = 0; call < 10; call++) await run(api.get("/"))
    server.otherwise.replies(status, { delayMs: 100, headers: { "x-should-retry": "false" } })
    const before = server.requests.length
    for (let call = 0; call < 100; call++) await run(api.get("/").outcome())
    expect(server.requests.length - before).toBeLessThanOrEqual(101)
  })

  test("can be left out", async () => {
    const { api, server, run } = rehearse({ add: [hedge({ afterMs: 10, budget: false })] })
    server.otherwise.replies(200, { delayMs: 100 })
    for (let call = 0; call < 100; call++) await run(api.get("/"))
    expect(server.requests.length).toBe(200)
  })
})

describe("the percentile", () => {
  test("is known after 50 answers, and before that nothing is hedged", async () => {
    const { api, server, run } = rehearse({ add: [hedge()] })
    for (let call = 0; call < 50; call++) server.replies(200, { delayMs: 20 })
    for (let call = 0; call < 50; call++) await run(api.get("/"))
    server.hangs().replies(200)
    await run(api.get("/"))
    const [late, hedged] = server.requests.slice(-2)
    const afterMs = (hedged?.startedAtMs ?? 0) - (late?.startedAtMs ?? 0)
    expect([afterMs >= 19, afterMs <= 21]).toEqual([true, true])
  })

  test("is that of the request's own origin, and of its own way of reading", async () => {
    const { api, server, run } = rehearse({ add: [hedge({ minSamples: 10 })] })
    for (let call = 0; call < 10; call++) server.replies(200, { delayMs: 20 })
    for (let call = 0; call < 10; call++) await run(api.get("/"))
    server.otherwise.replies(200, { delayMs: 300 })
    await run(api.get("https://other.test/"))
    await run(api.get("/").outcome({ reading: "stream" }))
    expect(server.requests.length).toBe(12)
    await run(api.get("/"))
    expect(server.requests.length).toBe(14)
  })

  test("never gives a delay below the floor", async () => {
    const { api, server, run } = rehearse({ add: [hedge({ minSamples: 10, floorMs: 200 })] })
    for (let call = 0; call < 10; call++) server.replies(200, { delayMs: 20 })
    for (let call = 0; call < 10; call++) await run(api.get("/"))
    server.replies(200, { delayMs: 199 })
    await run(api.get("/"))
    expect(server.requests.length).toBe(11)
  })

  test("learns nothing from an overload, though a 429 without a time is final", async () => {
    const { api, server, run } = rehearse({ add: [hedge({ minSamples: 10, budget: false })] })
    for (let call = 0; call < 10; call++) server.replies(200, { delayMs: 20 })
    for (let call = 0; call < 10; call++) await run(api.get("/"))
    for (let call = 0; call < 400; call++) server.replies(429, { delayMs: 1 })
    for (let call = 0; call < 400; call++) await run(api.get("/").outcome())
    server.hangs().replies(200)
    const { attempts } = await run(api.get("/"))
    expect(attempts[0]?.durationMs).toBeGreaterThan(19)
  })

  test("learns nothing from an outage", async () => {
    const { api, server, run } = rehearse({ retry: false, add: [hedge({ minSamples: 10, budget: false })] })
    for (let call = 0; call < 10; call++) server.replies(200, { delayMs: 20 })
    for (let call = 0; call < 10; call++) await run(api.get("/"))
    for (let call = 0; call < 400; call++) server.replies(500, { delayMs: 5000 })
    for (let call = 0; call < 200; call++) await run(api.get("/").outcome())
    server.hangs().replies(200)
    const { attempts } = await run(api.get("/"))
    expect(attempts[0]?.durationMs).toBeLessThan(22)
  })
})

describe("an early end", () => {
  test("by the caller reaches every attempt at once, with the exact reason", async () => {
    const { api, server, run, clock } = hedging()
    const controller = new AbortController()
    const reason = { exactly: "this" }
    server.hangs().hangs()
    clock.after(50, () => controller.abort(reason))
    const ended: unknown = await run(api.get("/", { signal: controller.signal }).json()).catch(
      (error: unknown) => error,
    )
    expect(ended).toBe(reason)
    expect([server.requests.map(({ end }) => end), clock.now(), clock.pending]).toEqual([["aborted", "aborted"], 50, 0])
  })

  test("by the caller during a hedge is not answered with a reply that would be retried", async () => {
    const { api, server, run, clock } = hedging({}, { retry: false })
    const controller = new AbortController()
    server.replies(500, { delayMs: 20 }).hangs()
    clock.after(50, () => controller.abort("stop"))
    const ended: unknown = await run(api.get("/", { signal: controller.signal }).json()).catch(
      (error: unknown) => error,
    )
    expect(ended).toBe("stop")
  })
})

describe("a stream", () => {
  test("is handed over by the attempt that was answered first, and the other one's end does not touch it", async () => {
    const { api, server, run, clock } = hedging()
    const bytes = new TextEncoder().encode("hello")
    server.replies(200, { delayMs: 20, body: bytes, trickle: { chunkBytes: 1, gapMs: 100 } }).hangs()
    const stream = await run(api.get("/").stream())
    expect([clock.now(), server.requests[1]?.end]).toEqual([20, "aborted"])
    let text = ""
    const reader = stream.getReader()
    for (let next = await run(reader.read()); !next.done; next = await run(reader.read()))
      text += new TextDecoder().decode(next.value)
    expect([text, clock.pending, server.openBodies]).toEqual(["hello", 0, 0])
  })

  test("ends with the caller's abort after it was handed over", async () => {
    const { api, server, run } = hedging()
    const controller = new AbortController()
    server.hangs().replies(200, { body: "hello", stallsAfterBytes: 2 })
    const reader = (await run(api.get("/", { signal: controller.signal }).stream())).getReader()
    await run(reader.read())
    const waiting = reader.read().catch((error: unknown) => error)
    controller.abort("stop")
    expect([await run(waiting), server.openBodies]).toEqual(["stop", 0])
  })
})

describe("what happens inside", () => {
  const rejected = failure("rejected", "a gate is shut")

  /** What comes of a round whose attempts end like this, one after the other, each so many milliseconds after it began. */
  async function round(
    ends: readonly (readonly [afterMs: number, outcome: Outcome | Error])[],
    options: HedgeOptions = {},
    parts: TestExchangeParts = {},
    isPrompt = false,
  ): Promise<{ ended: unknown; sent: number; signals: (Signal | undefined)[] }> {
    const runtime = testRuntime()
    const { clock } = runtime
    let sent = 0
    const signals: (Signal | undefined)[] = []
    const handler = pipeline(
      [hedge({ afterMs: 10, ...options })],
      {
        isPrompt,
        async send({ signal }) {
          signals.push(signal)
          const [afterMs, outcome] = ends[sent++] ?? [0, rejected]
          await new Promise<void>((resolve) => clock.after(afterMs, resolve))
          if (outcome instanceof Error) throw outcome
          return outcome
        },
        close: async () => {},
      },
      runtime,
    )
    const exchange = testExchange("https://api.test/", parts)
    const ended: unknown = await clock.runUntil(handler(exchange).catch((error: unknown) => error))
    while (clock.pending > 0) await clock.advanceToNext()
    return { ended, sent, signals }
  }

  const reset = failure("reset", "reset")
  const KEYED = { method: "POST", keyed: true }
  const reply = (status: number): Reply => ({
    kind: "reply",
    status,
    url: undefined,
    headers: new Headers(),
    body: {
      bytes: new Uint8Array(),
      stream: () => new ReadableStream(),
      discard: () => {},
      onEnd: (release: () => void) => release(),
    },
  })

  test("a hedge that a policy does not let go out is none: the first attempt decides", async () => {
    const ok = reply(200)
    expect(
      (
        await round([
          [50, ok],
          [0, rejected],
        ])
      ).ended,
    ).toBe(ok)
    expect(
      (
        await round([
          [50, reset],
          [0, rejected],
        ])
      ).ended,
    ).toBe(reset)
  })

  test("an attempt that a policy does not let go out has no hedge", async () => {
    expect(await round([[0, rejected]])).toMatchObject({ ended: rejected, sent: 1 })
  })

  test("of several failures one that a policy made is the last to count", async () => {
    expect(
      (
        await round([
          [12, reset],
          [30, rejected],
        ])
      ).ended,
    ).toBe(reset)
  })

  test("a body that can be sent once has no hedge, even while the first attempt has not begun to read it", async () => {
    const body = { replayable: true, length: undefined, open: () => "", discard: () => {} }
    expect((await round([[50, reply(200)]], {}, { method: "PUT", body })).sent).toBe(1)
    expect((await round([[50, reply(200)]], {}, { method: "PUT", body: "text" })).sent).toBe(2)
  })

  test("a 409 on a hedge with the same key is the echo of the attempt in progress, not an answer", async () => {
    const created = reply(201)
    expect(
      (
        await round(
          [
            [50, created],
            [1, reply(409)],
          ],
          {},
          KEYED,
        )
      ).ended,
    ).toBe(created)
    expect(
      (
        await round(
          [
            [50, reset],
            [1, reply(409)],
          ],
          {},
          KEYED,
        )
      ).ended,
    ).toBe(reset)
    const conflict = reply(409)
    expect((await round([[5, conflict]], {}, KEYED)).ended).toBe(conflict)
  })

  test("a defect ends the round as it is, and what was under way", async () => {
    const defect = new Error("a defect")
    expect(
      (
        await round([
          [50, reply(200)],
          [1, defect],
        ])
      ).ended,
    ).toBe(defect)
  })

  /** A reply that counts how often it is let go. */
  const counted = (status: number): { readonly given: Reply; discards: number } => {
    const state = { given: reply(status), discards: 0 }
    state.given = { ...state.given, body: { ...state.given.body, bytes: undefined, discard: () => state.discards++ } }
    return state
  }

  test("a reply that comes after its attempt was given up is let go", async () => {
    const [late, ok] = [counted(200), counted(200)]
    const { ended } = await round(
      [
        [50, late.given],
        [1, ok.given],
      ],
      {},
      {},
      true,
    )
    expect([ended === ok.given, late.discards, ok.discards]).toEqual([true, 1, 0])
  })

  test("a reply in place of an answer is let go when a better one comes, and when the answer comes", async () => {
    const [first, second, ok] = [counted(500), counted(500), counted(200)]
    const { ended } = await round(
      [
        [15, first.given],
        [9, second.given],
        [30, ok.given],
      ],
      { hedges: 2 },
    )
    expect([ended === ok.given, first.discards, second.discards, ok.discards]).toEqual([true, 1, 1, 0])
  })

  test("the best reply in place of an answer is handed over whole", async () => {
    const [first, second] = [counted(500), counted(502)]
    const { ended } = await round([
      [15, first.given],
      [9, second.given],
    ])
    expect([ended === second.given, first.discards, second.discards]).toEqual([true, 1, 0])
  })

  test("a defect of an attempt that was given up does not end the answer of another one", async () => {
    const { signals } = await round(
      [
        [50, new Error("a defect")],
        [1, counted(200).given],
      ],
      {},
      {},
      true,
    )
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, false])
  })

  test("a defect of an attempt that was given up comes too late to matter", async () => {
    const ok = reply(200)
    expect(
      (
        await round([
          [50, new Error("a defect")],
          [1, ok],
        ])
      ).ended,
    ).toBe(ok)
  })
})

test("lowLatency is the standard list with hedges directly inside the retries", () => {
  const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name)
  expect(names(lowLatency())).toEqual(["deadline", "idempotency", "retry", "hedge", "timeout", "redirect"])
  expect(names(lowLatency()).filter((name) => name !== "hedge")).toEqual(names(standard()))
})

test.each([[false], [{ attempts: 1 }]] as const)(
  "lowLatency sends every request once with retry: %j",
  async (retry) => {
    const { api, server, run } = rehearse({ policies: lowLatency({ retry, hedge: { afterMs: 10 } }) })
    server.replies(200, { delayMs: 100 }).replies(503)
    await run(api.get("/"))
    await run(api.get("/").outcome())
    expect(server.requests.length).toBe(2)
    expect(() => lowLatency({ retry, hedge: { afterMs: -1 } })).toThrow(ConfigurationError)
  },
)

test("lowLatency pays for retries and hedges from one budget", async () => {
  const policies = lowLatency({
    retry: { baseMs: 0, budget: { capacity: 3, perSuccess: 0 } },
    hedge: { afterMs: 10 },
  })
  const { api, server, run } = rehearse({ policies })
  server.otherwise.replies(503, { delayMs: 100 })
  await run(api.get("/").outcome())
  expect(server.requests.length).toBe(4)
})

describe("wrong input is refused, naming it and the fix", () => {
  const wrong: [unknown, RegExp][] = [
    [{ percentile: 49 }, /hedge\.percentile: 49; give a number from 50 to 99\.9/],
    [{ percentile: "95" }, /hedge\.percentile: "95"/],
    [{ percentile: Number.NaN }, /hedge\.percentile: NaN/],
    [{ floorMs: -1 }, /hedge\.floorMs: -1/],
    [{ minSamples: 9 }, /hedge\.minSamples: 9/],
    [{ minSamples: Number.POSITIVE_INFINITY }, /hedge\.minSamples: Infinity/],
    [{ afterMs: -5 }, /hedge\.afterMs: -5/],
    [{ afterMs: 5, percentile: 90 }, /hedge\.afterMs: 5; give it without percentile/],
    [{ afterMs: 5, floorMs: 1 }, /without floorMs/],
    [{ hedges: 0 }, /hedge\.hedges: 0/],
    [{ hedges: 1.5 }, /hedge\.hedges: 1\.5/],
    [{ hedges: 11 }, /hedge\.hedges: 11/],
    [{ budget: {} }, /hedge\.budget: an object \(Object\); give one that retryBudget\(\) made, or false/],
    [{ budget: true }, /hedge\.budget: true/],
    [{ contract: { 700: "retry" } }, /contract: 700/],
    [{ when: "GET" }, /hedge\.when: "GET"; give a function/],
    [{ key: "origin" }, /hedge\.key: "origin"; give a function/],
    [{ delayMs: 5 }, /hedge: no option "delayMs"/],
    [5, /hedge: 5/],
  ]
  test.each(wrong)("%j", (options, message) => {
    expect(() => hedge(options as HedgeOptions)).toThrow(message)
    expect(() => hedge(options as HedgeOptions)).toThrow(ConfigurationError)
  })

  test("of lowLatency, too", () => {
    expect(() => lowLatency({ hedges: 2 } as never)).toThrow(/lowLatency: no option "hedges"/)
    expect(() => lowLatency({ hedge: { budget: false } as never })).toThrow(/hedge: no option "budget"/)
    expect(() => lowLatency({ hedge: false as never })).toThrow(/hedge: false/)
  })
})
