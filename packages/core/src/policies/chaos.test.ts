import { rehearse, type Rehearsal, type ScriptedReply } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  chaos,
  ConfigurationError,
  hedge,
  NoReplyError,
  redirect,
  timeout,
  TimeoutError,
  type CallOutcome,
  type ChaosOptions,
  type Fault,
} from "../index.ts"

/** A client on the standard policies, whose attempts meet these faults. */
function chaotic(faults: readonly Fault[], more: Parameters<typeof rehearse>[0] = {}): Rehearsal {
  const rehearsal = rehearse({ add: [chaos({ faults, seed: 7 })], ...more })
  rehearsal.server.otherwise.replies(200, { body: "the server's own", delayMs: 5 })
  return rehearsal
}

const once = { retry: false } as const
const always = { probability: 1 } as const
const errorOf = (call: Promise<unknown>): Promise<unknown> => call.then(undefined, (error: unknown) => error)

describe("an injected status", () => {
  test("comes in place of the server's reply, with the fields and the body asked for, and says who sent it", async () => {
    const status = { ...always, kind: "status", status: 404, json: { message: "no such thing" } } as const
    const { api, server, run } = chaotic([{ ...status, headers: { "x-kind": "injected" } }])
    const outcome = await run(api.get("/").outcome())
    expect(outcome.kind === "client-error" && outcome.error.serverMessage).toBe("no such thing")
    const fields = outcome.kind === "client-error" ? Object.fromEntries(outcome.headers) : {}
    expect(fields).toEqual({ "content-type": "application/json", "x-kind": "injected", server: "steadfetch-chaos" })
    expect(server.requests).toEqual([])
  })

  test("has bytes of its own each time", async () => {
    const { api, run } = chaotic([{ ...always, kind: "status", status: 200, text: "a" }])
    for (let call = 0; call < 2; call++) {
      const bytes = await run(api.get("/").bytes())
      expect(bytes).toEqual(new TextEncoder().encode("a"))
      bytes.fill(0)
    }
  })

  test("is in the record and told of like any other", async () => {
    const events: string[] = []
    const { api, run } = chaotic([{ ...always, kind: "status", status: 503, delayMs: 30 }], {
      ...once,
      on: {
        "attempt-started": ({ attempt }) => events.push(`started ${attempt.number}`),
        "attempt-ended": ({ attempt }) => events.push(`ended ${attempt.status}`),
      },
    })
    const { attempts } = await run(api.get("/").outcome())
    expect(attempts).toMatchObject([
      { number: 1, method: "GET", url: "https://api.test/", status: 503, durationMs: 30 },
    ])
    expect(events).toEqual(["started 1", "ended 503"])
  })

  test("with Retry-After is heeded by the retries", async () => {
    const fault: Fault = { probability: 0.5, kind: "status", status: 503, headers: { "retry-after": "7" } }
    const { api, run } = chaotic([fault], { retry: { budget: false }, deadline: false })
    const outcomes: CallOutcome[] = []
    for (let call = 0; call < 20; call++) outcomes.push(await run(api.get("/").outcome()))
    const first = outcomes.flatMap(({ attempts }) => attempts.slice(0, -1))
    expect(outcomes.every(({ kind }) => kind === "success")).toBe(true)
    expect(first.length).toBeGreaterThan(5)
    expect(first.every(({ waitMs = 0 }) => waitMs >= 7000)).toBe(true)
  })
})

describe("injected latency", () => {
  test("is added to the time that the reply takes", async () => {
    const { api, run, clock } = chaotic([{ ...always, kind: "latency", delayMs: 100 }])
    const { attempts } = await run(api.get("/"))
    expect([clock.now(), clock.pending, attempts]).toMatchObject([105, 0, [{ durationMs: 105, status: 200 }]])
  })

  test("is drawn from its range", async () => {
    const { api, run } = chaotic([{ ...always, kind: "latency", delayMs: [100, 200] }])
    const tookMs: number[] = []
    for (let call = 0; call < 50; call++) tookMs.push((await run(api.get("/"))).attempts[0]?.durationMs ?? 0)
    expect([Math.min(...tookMs) >= 105, Math.max(...tookMs) <= 205]).toEqual([true, true])
    expect(Math.max(...tookMs) - Math.min(...tookMs)).toBeGreaterThan(80)
  })

  test("counts for the attempt timeout, and the record says so", async () => {
    const more = { ...once, timeout: { attemptMs: 50 } }
    const { api, run, clock, server } = chaotic([{ ...always, kind: "latency", delayMs: 100 }], more)
    const error = await errorOf(run(api.get("/")))
    expect(TimeoutError.is(error) && error.attempts).toMatchObject([
      { failure: "timeout", durationMs: 50, message: expect.stringContaining("50 ms") },
    ])
    expect(TimeoutError.is(error) && error.attempts[0]?.status).toBe(undefined)
    expect([clock.now(), clock.pending, server.openBodies]).toEqual([50, 0, 0])
  })

  test("ends with the caller's abort", async () => {
    const { api, run, clock } = chaotic([{ ...always, kind: "latency", delayMs: 1000 }])
    const controller = new AbortController()
    clock.after(300, () => controller.abort("stop"))
    expect(await errorOf(run(api.get("/", { signal: controller.signal }).json()))).toBe("stop")
    expect([clock.now(), clock.pending]).toEqual([300, 0])
  })

  test("of a stream comes before its headers, and the stall timeout guards the body afterwards", async () => {
    const { api, server, run, clock } = rehearse({
      add: [chaos({ faults: [{ ...always, kind: "latency", delayMs: 100 }] })],
      timeout: { attemptMs: 500, stallMs: 40 },
    })
    server.replies(200, { body: "hello", stallsAfterBytes: 2 })
    const reader = (await run(api.get("/").stream())).getReader()
    expect(clock.now()).toBe(100)
    await run(reader.read())
    expect(TimeoutError.is(await errorOf(run(reader.read())))).toBe(true)
    expect([clock.now(), clock.pending, server.openBodies]).toEqual([140, 0, 0])
  })

  describe("of a body that takes its time", () => {
    const slow = { body: "0123456789", delayMs: 5, trickle: { chunkBytes: 1, gapMs: 20 } } as const

    async function slowly(fault: Fault, reply: ScriptedReply, stallMs = 100): Promise<readonly unknown[]> {
      const { api, server, run, clock } = rehearse({
        ...once,
        add: [chaos({ faults: [fault] })],
        timeout: { attemptMs: 50, stallMs },
      })
      server.replies(200, reply)
      const { attempts } = await run(api.get("/").outcome())
      expect([clock.pending, server.openBodies]).toEqual([0, 0])
      return attempts.map(({ status, message, durationMs }) => [status ?? message, durationMs])[0] ?? []
    }

    test("delays the headers, and leaves the rest of the time to the body", async () => {
      expect(await slowly({ ...always, kind: "latency", delayMs: 20 }, slow)).toEqual([200, 205])
      expect(await slowly({ ...always, kind: "latency", delayMs: [40, 40] }, { ...slow, body: "0" })).toEqual([200, 45])
    })

    test("is cut short by the attempt timeout while it holds the headers", async () => {
      const cut = ["no reply within 50 ms", 50]
      expect(await slowly({ ...always, kind: "latency", delayMs: 60 }, slow)).toEqual(cut)
      expect(await slowly({ ...always, kind: "latency", delayMs: 60 }, { ...slow, stallsAfterBytes: 1 })).toEqual(cut)
    })

    test("leaves stalls to the stall timeout, from the headers on", async () => {
      const stalls = { ...slow, stallsAfterBytes: 1 }
      const cut = "the body stalled: no bytes for 30 ms"
      expect(await slowly({ ...always, kind: "latency", delayMs: 0 }, stalls, 30)).toEqual([cut, 55])
      expect(await slowly({ ...always, kind: "latency", delayMs: 40 }, stalls, 30)).toEqual([cut, 75])
    })

    test("does not keep a body that breaks off from arriving", async () => {
      expect(await slowly({ ...always, kind: "broken-body" }, slow)).toEqual(["chaos(): the body broke off", 205])
      const failed = await slowly({ ...always, kind: "latency", delayMs: 40 }, { ...slow, breaksAfterBytes: 1 })
      expect(failed).toEqual(["the body broke off after 1 bytes", 25])
    })
  })

  test("counts for the second reply of an attempt as for the first", async () => {
    const { api, server, run, clock } = rehearse({
      policies: [timeout({ attemptMs: 100 }), chaos({ faults: [{ ...always, kind: "latency", delayMs: 40 }] }), redirect()],
    }) // prettier-ignore
    server.replies(302, { headers: { location: "/b" } }).replies(200, { delayMs: 30 })
    await run(api.get("/a"))
    expect([clock.now(), clock.pending]).toEqual([70, 0])
    server.replies(302, { headers: { location: "/b" } }).replies(200, { delayMs: 70 })
    const outcome = await run(api.get("/a").outcome())
    expect([outcome.kind, clock.now(), clock.pending]).toEqual(["no-reply", 170, 0])
  })

  test("brings out the hedges above it", async () => {
    const slow: Fault = { probability: 0.5, kind: "latency", delayMs: 1000 }
    const { api, run, clock } = chaotic([], { add: [hedge({ afterMs: 20 }), chaos({ faults: [slow], seed: 7 })] })
    const told: unknown[] = []
    for (let call = 0; call < 20; call++) {
      const { attempts } = await run(api.get("/"))
      if (attempts[0]?.failure === "aborted") told.push(attempts.map(({ durationMs }) => durationMs))
    }
    expect(told).toContainEqual([25, 5])
    expect(clock.pending).toBe(0)
  })
})

describe("an injected failure", () => {
  test.each(["refused", "reset", "broken-body"] as const)("%s is no reply, and retried", async (kind) => {
    const { api, run } = chaotic([{ ...always, kind }], { retry: { attempts: 3, baseMs: 0 } })
    const error = await errorOf(run(api.get("/").text()))
    expect(NoReplyError.is(error) && [error.code, error.attempts.map(({ failure }) => failure)]).toEqual([
      kind,
      [kind, kind, kind],
    ])
    expect(String(error)).toContain("chaos()")
  })

  test("of a connection does not let a POST without a key be repeated, unless nothing was sent", async () => {
    const keyless = { idempotencyKey: false, retry: { attempts: 2, baseMs: 0 } } as const
    const attempts = async (kind: "refused" | "reset"): Promise<number | undefined> => {
      const { api, run } = chaotic([{ ...always, kind }], keyless)
      return (await run(api.post("/", { json: 1 }).outcome())).attempts.length
    }
    expect([await attempts("refused"), await attempts("reset")]).toEqual([2, 1])
  })

  test.each<[Fault, boolean]>([
    [{ ...always, kind: "reset" }, true],
    [{ ...always, kind: "status", status: 503 }, true],
    [{ ...always, kind: "refused" }, false],
  ])("takes the request's body as a server would: %j", async (fault, isRead) => {
    const { api, run } = chaotic([fault], { retry: { attempts: 3, baseMs: 0 } })
    let isLetGo = false
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1)),
      cancel: () => void (isLetGo = true),
    })
    const { attempts } = await run(api.put("/", { body }).outcome())
    expect([attempts.length, isLetGo]).toEqual([isRead ? 1 : 3, true])
  })

  test("in the body of a stream comes after a part of it, and frees the server's", async () => {
    const { api, run, clock, server } = chaotic([{ ...always, kind: "broken-body" }])
    const reader = (await run(api.get("/").stream())).getReader()
    const text = new TextDecoder().decode((await run(reader.read())).value)
    expect([text.length > 0, "the server's own".startsWith(text)]).toEqual([true, true])
    expect(NoReplyError.is(await errorOf(run(reader.read())))).toBe(true)
    expect([clock.pending, server.openBodies]).toEqual([0, 0])
  })

  test("in the body of a stream does not come to who cancels before", async () => {
    const { api, run, clock, server } = chaotic([{ ...always, kind: "broken-body" }])
    const stream = await run(api.get("/").stream())
    await stream.cancel()
    await clock.settle()
    expect([clock.pending, server.openBodies]).toEqual([0, 0])
  })
})

describe("chance", () => {
  const faults: readonly Fault[] = [
    { probability: 0.2, kind: "status", status: 503 },
    { probability: 0.1, kind: "reset" },
    { probability: 0.1, kind: "latency", delayMs: [10, 50] },
  ]

  async function story(options: ChaosOptions, seed = 1): Promise<readonly (string | number | undefined)[]> {
    const { api, server, run } = rehearse({ ...once, seed, add: [chaos(options)] })
    server.otherwise.replies(200)
    const told: (string | number | undefined)[] = []
    for (let call = 0; call < 400; call++) {
      const [attempt] = (await run(api.get("/").outcome())).attempts
      told.push(attempt?.failure ?? attempt?.status)
    }
    return told
  }

  test("is the same for the same seed, and another one for another", async () => {
    const [one, same, other] = [
      await story({ faults, seed: 1 }),
      await story({ faults, seed: 1 }, 9),
      await story({ faults, seed: 2 }),
    ]
    expect(one).toEqual(same)
    expect(one).not.toEqual(other)
  })

  test("is the runtime's without a seed", async () => {
    expect(await story({ faults }, 1)).toEqual(await story({ faults }, 1))
    expect(await story({ faults }, 1)).not.toEqual(await story({ faults }, 2))
  })

  test("gives each fault its share, and the rest to the server", async () => {
    const told = await story({ faults, seed: 5 })
    const share = (what: string | number): number => told.filter((each) => each === what).length / told.length
    expect(Math.abs(share(503) - 0.2)).toBeLessThan(0.05)
    expect(Math.abs(share("reset") - 0.1)).toBeLessThan(0.05)
    expect(Math.abs(share(200) - 0.7)).toBeLessThan(0.06)
  })

  test("spares the requests that `when` leaves out", async () => {
    const policy = chaos({ faults: [{ ...always, kind: "reset" }], when: ({ method }) => method !== "GET" })
    const { api, run } = chaotic([], { ...once, add: [policy] })
    const kinds = [await run(api.get("/").outcome()), await run(api.delete("/").outcome())].map(({ kind }) => kind)
    expect(kinds).toEqual(["success", "no-reply"])
  })
})

test("the standard policies above it keep to the contract: what can succeed does, and a 4xx is sent once", async () => {
  const faults: readonly Fault[] = [
    { probability: 0.1, kind: "status", status: 500 },
    { probability: 0.1, kind: "status", status: 503, headers: { "retry-after": "1" } },
    { probability: 0.05, kind: "reset" },
    { probability: 0.05, kind: "broken-body" },
    { probability: 0.05, kind: "refused", delayMs: 20 },
    { probability: 0.1, kind: "latency", delayMs: [10, 3000] },
    { probability: 0.05, kind: "status", status: 404 },
  ]
  const { api, run, clock, server } = chaotic(faults, { retry: { budget: false }, timeout: { attemptMs: 2000 } })
  for (let call = 0; call < 300; call++) {
    const outcome = await run(api.get("/").outcome())
    const refused = outcome.attempts.some(({ status }) => status === 404)
    expect([outcome.kind, clock.pending, server.openBodies]).toEqual([refused ? "client-error" : "success", 0, 0])
    expect(outcome.attempts.slice(0, -1).every(({ status = 500 }) => status >= 500)).toBe(true)
  }
})

describe("wrong input is refused, naming it and the fix", () => {
  const fault = { kind: "reset", probability: 0.1 }
  const status = { kind: "status", probability: 0.1, status: 503 }
  const wrong: [unknown, RegExp][] = [
    [5, /chaos: 5/],
    [{}, /chaos\.faults: undefined; give a list/],
    [{ faults: fault }, /chaos\.faults: an object/],
    [{ faults: [], seed: 1.5 }, /chaos\.seed: 1\.5; give an integer/],
    [{ faults: [], when: true }, /chaos\.when: true; give a function/],
    [{ faults: [], probability: 1 }, /chaos: no option "probability"/],
    [{ faults: [null] }, /chaos\.faults\[0\]\.kind: undefined; give "latency", "status"/],
    [{ faults: [fault, { ...fault, kind: "slow" }] }, /chaos\.faults\[1\]\.kind: "slow"/],
    [{ faults: [{ kind: "toString", probability: 0 }] }, /chaos\.faults\[0\]\.kind: "toString"/],
    [{ faults: [{ kind: "reset" }] }, /chaos\.faults\[0\]\.probability: undefined; give a number from 0 to 1/],
    [{ faults: [{ ...fault, probability: 10 }] }, /probability: 10/],
    [{ faults: [{ ...fault, status: 503 }] }, /chaos\.faults\[0\]: no option "status"/],
    [
      {
        faults: [
          { ...fault, probability: 0.6 },
          { ...fault, probability: 0.6 },
        ],
      },
      /add up to 1\.2; give at most 1/,
    ],
    [{ faults: [{ kind: "latency", probability: 0.1 }] }, /delayMs: undefined; give milliseconds, or \[least, most\]/],
    [{ faults: [{ ...fault, delayMs: -1 }] }, /delayMs: -1/],
    [{ faults: [{ ...fault, delayMs: [20, 10] }] }, /delayMs: \[20, 10\]/],
    [{ faults: [{ ...fault, delayMs: [1, 2, 3] }] }, /delayMs: \[1, 2, 3\]/],
    [{ faults: [{ ...fault, delayMs: Number.POSITIVE_INFINITY }] }, /delayMs: Infinity/],
    [{ faults: [{ ...status, status: 99 }] }, /status: 99; give a number from 200 to 599/],
    [{ faults: [{ ...status, status: 500.5 }] }, /status: 500\.5/],
    [{ faults: [{ ...status, json: 1, text: "1" }] }, /json: beside text/],
    [{ faults: [{ ...status, text: 5 }] }, /text: a number/],
    [{ faults: [{ ...status, json: () => {} }] }, /"json"/],
    [{ faults: [{ ...status, headers: { "bad name": "1" } }] }, /header name "bad name"/],
  ]
  test.each(wrong)("%j", (options, message) => {
    expect(() => chaos(options as ChaosOptions)).toThrow(message)
    expect(() => chaos(options as ChaosOptions)).toThrow(ConfigurationError)
  })

  test("ten tenths are a whole", () => {
    const tenths = Array.from({ length: 10 }, () => ({ kind: "reset", probability: 0.1 }) as const)
    expect(chaos({ faults: tenths }).name).toBe("chaos")
  })
})
