import { rehearse, scriptedTransport, testExchange, testRuntime } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  arrange,
  bearer,
  Cancellation,
  deadline,
  dropIn,
  failure,
  idempotency,
  pipeline,
  redirect,
  retry,
  standard,
  timeout,
  WholeBody,
  type Listeners,
  type Outcome,
  type Policy,
  type Reply,
  type Transport,
} from "./index.ts"

const url = "https://api.test/"

function noting(name: string, scope: Policy["scope"], notes: string[]): Policy {
  return {
    name,
    scope,
    wrap: (next) => async (exchange) => {
      notes.push(`${name} in`)
      const outcome = await next(exchange)
      notes.push(`${name} out`)
      return outcome
    },
  }
}

function reply(status: number, discarded: () => void = () => {}): Reply {
  const body = Object.assign(new WholeBody(new Uint8Array()), { discard: discarded })
  return { kind: "reply", status, url: undefined, headers: new Headers(), body }
}

function transportOf(send: Transport["send"]): Transport {
  return { send, close: async () => {} }
}

describe("the order", () => {
  test("of the standard preset", () => {
    expect(standard().map(({ name, scope }) => `${name}: ${scope}`)).toEqual([
      "deadline: call",
      "idempotency: call",
      "retry: repeater",
      "timeout: attempt",
      "redirect: attempt",
    ])
  })

  test("of the drop-in preset", () => {
    expect(dropIn().map(({ name, scope }) => `${name}: ${scope}`)).toEqual(["idempotency: call", "retry: repeater"])
  })

  test("is outermost first", async () => {
    const notes: string[] = []
    const runtime = testRuntime()
    const server = scriptedTransport(runtime.clock).replies(200)
    const policies = [noting("a", "call", notes), noting("b", "repeater", notes), noting("c", "attempt", notes)]
    await runtime.clock.runUntil(pipeline(policies, server, runtime)(testExchange(url)))
    expect(notes).toEqual(["a in", "b in", "c in", "c out", "b out", "a out"])
  })

  const build =
    (...policies: Policy[]) =>
    () =>
      pipeline(policies, scriptedTransport(testRuntime().clock), testRuntime())

  test.each([
    [
      "retry, deadline",
      build(retry(), deadline()),
      /deadline\(\) \(call\) after retry\(\) \(repeater\).*the order call, repeater, endpoint, gate, attempt, wire/,
    ],
    ["timeout, retry", build(timeout(), retry()), /retry\(\) \(repeater\) after timeout\(\)/],
    ["redirect, idempotency", build(redirect(), idempotency()), /idempotency\(\).*after redirect\(\)/],
    ["retry, retry", build(retry(), retry()), /retry\(\) \(repeater\) after retry\(\).*each once/],
  ])("that cannot work is refused when it is built: %s", (_, make, message) => {
    expect(make).toThrow(message)
  })
})

describe("policies added to a list", () => {
  const named = (name: string, scope: Policy["scope"]): Policy => noting(name, scope, [])
  const names = (list: readonly Policy[]): string[] => list.map(({ name }) => name)

  test("stand at the end of their scope, in the order given", () => {
    const added = [
      named("chaos", "attempt"),
      named("b", "gate"),
      named("c", "gate"),
      named("hedge", "repeater"),
      named("cache", "call"),
    ]
    const order = ["deadline", "idempotency", "cache", "retry", "hedge", "b", "c", "timeout", "redirect", "chaos"]
    expect(names(arrange(standard(), added))).toEqual(order)
    expect(names(standard({ add: added }))).toEqual(order)
  })

  test("on the wire see each request as it goes out: after a redirect, and with renewed credentials", async () => {
    const seen: string[] = []
    const watching: Policy = {
      name: "watching",
      scope: "wire",
      wrap:
        (next) =>
        ({ request, ...exchange }) => {
          seen.push(`${request.url} ${new Headers(request.headers as [string, string][]).get("authorization")}`)
          return next({ ...exchange, request })
        },
    }
    let token = 1
    const auth = bearer(() => `t${token}`, { refresh: () => token++ })
    const { api, server, run } = rehearse({ auth, add: [watching] })
    server
      .replies(302, { headers: { location: "/b" } })
      .replies(401)
      .replies(200)
    await run(api.get("/a"))
    expect(seen).toEqual([
      "https://api.test/a Bearer t1",
      "https://api.test/b Bearer t1",
      "https://api.test/b Bearer t2",
    ])
  })

  test("leave the list that they are added to as it was", () => {
    const list = standard()
    arrange(list, [named("b", "gate")])
    expect(names(list)).toEqual(names(standard()))
  })

  test.each([
    [named("b", "gate"), "an object"],
    [[retry], "a function"],
    ["breaker", "a string"],
  ])("are refused when they are none", (added, what) => {
    expect(() => standard({ add: added as never })).toThrow(what)
  })
})

describe("bounds", () => {
  const build = (callMs: number, attemptMs: number) => () =>
    pipeline(
      [deadline({ afterMs: callMs }), timeout({ attemptMs })],
      scriptedTransport(testRuntime().clock),
      testRuntime(),
    )

  test("that contradict each other are refused", () => {
    expect(build(1000, 1001)).toThrow(/1001.*1000 ms/)
  })

  test("that agree are taken", () => {
    expect(build(1000, 1000)).not.toThrow()
  })

  test("that nobody set do not contradict a short deadline", () => {
    const policies = [deadline({ afterMs: 1000 }), timeout()]
    expect(() => pipeline(policies, scriptedTransport(testRuntime().clock), testRuntime())).not.toThrow()
  })
})

describe("the story", () => {
  test("holds every attempt on the wire, redirects included", async () => {
    const runtime = testRuntime()
    const { clock } = runtime
    const server = scriptedTransport(clock)
    server.replies(302, { headers: { location: "/b" }, delayMs: 5 }).replies(503, { delayMs: 7 })
    server.fails("reset", { delayMs: 9 }).replies(200)
    const exchange = testExchange(url)
    await clock.runUntil(pipeline([retry({ baseMs: 0 }), redirect()], server, runtime)(exchange))
    const { record } = exchange
    expect(record.attempts.map((attempt) => [attempt.number, attempt.url, attempt.status ?? attempt.failure])).toEqual([
      [1, "https://api.test/", 302],
      [2, "https://api.test/b", 503],
      [3, "https://api.test/", "reset"],
      [4, "https://api.test/", 200],
    ])
    expect(record.attempts.map(({ durationMs }) => durationMs)).toEqual([5, 7, 9, 0])
    expect(record.ending).toBe("answered")
  })

  test("shows no credentials in URLs", async () => {
    const runtime = testRuntime()
    const server = scriptedTransport(runtime.clock).replies(200)
    const exchange = testExchange("https://api.test/a?page=2&api_key=secret")
    await runtime.clock.runUntil(pipeline([], server, runtime)(exchange))
    expect(JSON.stringify(exchange.record.attempts)).toContain("page=2")
    expect(JSON.stringify(exchange.record.attempts)).not.toContain("secret")
  })
})

describe("events", () => {
  test("tell of a call, its attempts and its waits, in order", async () => {
    const heard: string[] = []
    const on: Listeners = {
      "call-started": ({ call }) => heard.push(`call ${call.method} ${call.url}`),
      "attempt-started": ({ attempt }) => heard.push(`attempt ${attempt.number}`),
      "attempt-ended": ({ attempt }) => heard.push(`ended ${attempt.status ?? attempt.failure}`),
      waiting: ({ waitMs, why }) => heard.push(`waiting ${waitMs} ms: ${why}`),
      "call-ended": ({ outcome }) => heard.push(`over: ${outcome?.kind}`),
    }
    const runtime = testRuntime({ on })
    const server = scriptedTransport(runtime.clock)
    server
      .fails("refused")
      .replies(503, { headers: { "retry-after": "1" } })
      .replies(200)
    await runtime.clock.runUntil(pipeline([retry({ baseMs: 0 })], server, runtime)(testExchange(url)))
    expect(heard).toEqual([
      "call GET https://api.test/",
      "attempt 1",
      "ended refused",
      "waiting 0 ms: backoff",
      "attempt 2",
      "ended 503",
      "waiting 1000 ms: the server asked for 1000 ms",
      "attempt 3",
      "ended 200",
      "over: reply",
    ])
  })

  test("tell of a call that ended by a defect", async () => {
    const outcomes: unknown[] = []
    const runtime = testRuntime({ on: { "call-ended": ({ outcome }) => outcomes.push(outcome) } })
    const defect = new Error("defect")
    const server = scriptedTransport(runtime.clock).throws(defect)
    await expect(runtime.clock.runUntil(pipeline([], server, runtime)(testExchange(url)))).rejects.toBe(defect)
    expect(outcomes).toEqual([undefined])
  })
})

describe("an abort", () => {
  test("ends an attempt at once, also when the transport ignores its signal", async () => {
    const runtime = testRuntime()
    const signal = new Cancellation(undefined)
    const reason = new Error("enough")
    const handler = pipeline([], transportOf(() => new Promise(() => {})), runtime) // prettier-ignore
    runtime.clock.after(5, () => signal.cancel(reason))
    const outcome = await runtime.clock.runUntil(handler(testExchange(url, { signal })))
    expect(outcome).toMatchObject({ kind: "failure", code: "aborted", cause: reason })
    expect(runtime.clock.now()).toBe(5)
  })

  test("gives up the body of a reply that comes too late", async () => {
    const runtime = testRuntime()
    const { clock } = runtime
    const signal = new Cancellation(undefined)
    let discarded = 0
    const late = (): Promise<Outcome> =>
      new Promise((resolve) => clock.after(10, () => resolve(reply(200, () => discarded++))))
    clock.after(5, () => signal.cancel("enough"))
    await clock.runUntil(pipeline([], transportOf(late), runtime)(testExchange(url, { signal })))
    expect(discarded).toBe(0)
    await clock.advance(10)
    expect(discarded).toBe(1)
  })

  test("before the attempt sends nothing", async () => {
    const runtime = testRuntime()
    const server = scriptedTransport(runtime.clock)
    const signal = new Cancellation(undefined)
    signal.cancel("enough")
    const outcome = await pipeline([], server, runtime)(testExchange(url, { signal }))
    expect([outcome.kind, server.requests.length]).toEqual(["failure", 0])
  })

  test("by a policy stands for the failure it gives as its reason", async () => {
    const runtime = testRuntime()
    const server = scriptedTransport(runtime.clock).hangs()
    const signal = new Cancellation(undefined)
    const given = failure("timeout", "too slow")
    runtime.clock.after(1, () => signal.cancel(given))
    expect(await runtime.clock.runUntil(pipeline([], server, runtime)(testExchange(url, { signal })))).toBe(given)
  })

  test("leaves no listener on the signal, and neither does a reply", async () => {
    const runtime = testRuntime()
    const server = scriptedTransport(runtime.clock).replies(503).replies(200, { body: "hello", delayMs: 10 })
    let listeners = 0
    const signal = {
      aborted: false,
      reason: undefined,
      addEventListener: () => void listeners++,
      removeEventListener: () => void listeners--,
    }
    const handler = pipeline(standard(), server, runtime)
    await runtime.clock.runUntil(handler(testExchange(url, { signal })))
    expect([listeners, runtime.clock.pending]).toEqual([0, 0])
  })
})

test("a body that was never sent is let go when the call is over", async () => {
  const runtime = testRuntime()
  let discarded = 0
  const body = { replayable: true, length: undefined, open: () => "", discard: () => void discarded++ }
  const server = scriptedTransport(runtime.clock).fails("refused")
  await runtime.clock.runUntil(pipeline([], server, runtime)(testExchange(url, { method: "PUT", body })))
  expect(discarded).toBe(1)
})
