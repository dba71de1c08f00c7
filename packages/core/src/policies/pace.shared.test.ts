import { scriptedTransport, testRuntime, type ScriptedTransport, type VirtualClock } from "@steadfetch/testing"
import { array, assert, asyncProperty, integer, nat, tuple } from "fast-check"
import { describe, expect, test } from "vitest"
import { TokenBucket } from "../algorithms/token-bucket.ts"
import {
  ConfigurationError,
  pace,
  sharedTurns,
  steadfetch,
  type EventMap,
  type Pace,
  type PaceOptions,
  type SharedPace,
  type Steadfetch,
} from "../index.ts"

const KEY = "https://api.test"

/** What a store keeps for all processes; its answers take their time. */
class TestStore implements SharedPace {
  readonly share = 0.5
  readonly asked: number[] = []
  state: "up" | "down" | "silent" = "up"
  readonly #clock: VirtualClock
  readonly #answerMs: number
  #bucket: TokenBucket | undefined
  #pausedUntil = 0

  constructor(clock: VirtualClock, answerMs: number) {
    this.#clock = clock
    this.#answerMs = answerMs
  }

  take: SharedPace["take"] = (_key, rate, wanted) => {
    this.asked.push(wanted)
    if (this.state === "down") return Promise.reject(new Error("connect ECONNREFUSED"))
    if (this.state === "silent") return new Promise(() => {})
    const now = this.#clock.now()
    const pauseMs = Math.max(0, this.#pausedUntil - now)
    if (rate !== undefined) this.#bucket ??= new TokenBucket(rate.perSecond, rate.burst, now)
    const granted = pauseMs > 0 ? 0 : Math.min(wanted, Math.floor(this.#bucket?.level(now) ?? wanted))
    for (let taken = 0; taken < granted; taken++) this.#bucket?.take(now)
    const nextMs = Math.max(pauseMs, this.#bucket?.waitMs(now) ?? 0)
    return new Promise((resolve) => this.#clock.after(this.#answerMs, () => resolve({ granted, nextMs })))
  }

  async pause(_key: string, pauseMs: number): Promise<void> {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + pauseMs)
  }
}

interface TestProcess {
  readonly api: Steadfetch
  readonly policy: Pace
  readonly server: ScriptedTransport
  readonly changes: EventMap["changed"][]
}

/** Processes that share a rate, and the one time they live in. */
function fleet(size: number, options: PaceOptions = {}, answerMs = 2) {
  const { clock } = testRuntime()
  const store = new TestStore(clock, answerMs)
  const processes = Array.from({ length: size }, (): TestProcess => {
    const server = scriptedTransport(clock).otherwise.replies(200)
    const policy = pace({ ...options, shared: sharedTurns(store) })
    const changes: EventMap["changed"][] = []
    const runtime = testRuntime({ clock, on: { changed: (event) => void changes.push(event) } })
    const api = steadfetch({ baseUrl: KEY, retry: false, add: [policy], transport: server, runtime })
    return { api, policy, server, changes }
  })
  const calls = (count: number, deadline?: number) =>
    processes.flatMap(({ api }) => Array.from({ length: count }, () => api.get("/", { deadline }).outcome()))
  const startsMs = (): number[] =>
    processes.flatMap(({ server }) => server.requests.map(({ startedAtMs }) => startedAtMs)).toSorted((a, b) => a - b)
  return { clock, store, processes, calls, startsMs }
}

const ended = (clock: VirtualClock, call: Promise<unknown> | undefined): Promise<unknown> =>
  clock.runUntil(call ?? Promise.reject(new Error("there is no such process")))

describe("a rate that processes share", () => {
  test("is that of all of them together", async () => {
    const { clock, processes, calls, startsMs } = fleet(4, { perSecond: 10, burst: 2 })
    await clock.runUntil(Promise.all(calls(10)))
    // 40 attempts: 2 at once, then 10 per second.
    expect(startsMs().at(-1)).toBeGreaterThanOrEqual(3800)
    expect(startsMs().at(-1)).toBeLessThan(3900)
    expect(processes.map(({ server }) => server.requests.length)).toEqual([10, 10, 10, 10])
    expect(clock.pending).toBe(0)
  })

  test("holds in every interval, however calls, answers and losses of the store fall", async () => {
    const arrivals = array(tuple(nat(2), nat(3000)), { minLength: 1, maxLength: 60 })
    const run = async (given: [number, number][], perSecond: number, burst: number, answerMs: number) => {
      const { clock, processes, startsMs } = fleet(3, { perSecond, burst }, answerMs)
      const ends = given.map(async ([who, atMs]) => {
        await new Promise<void>((resolve) => clock.after(atMs, resolve))
        return processes[who]?.api.get("/", { deadline: false }).outcome()
      })
      await clock.runUntil(Promise.all(ends))
      const starts = startsMs()
      expect(starts).toHaveLength(given.length)
      // A granted turn is used when its answer is there; one that nobody needs any more is good for a second.
      const slackMs = 1000 + answerMs
      for (const [index, from] of starts.entries())
        for (const [more, to] of starts.slice(index).entries())
          expect(more + 1).toBeLessThanOrEqual(burst + (perSecond * (to - from + slackMs)) / 1000 + 1e-6)
      expect(clock.pending).toBe(0)
    }
    await assert(asyncProperty(arrivals, integer({ min: 1, max: 200 }), integer({ min: 1, max: 20 }), nat(100), run), {
      numRuns: 30,
    })
  })

  test("asks for all who wait at once, and once at a time", async () => {
    const { clock, store, calls } = fleet(1, { perSecond: 1000, burst: 1000 }, 10)
    await clock.runUntil(Promise.all(calls(150)))
    expect(store.asked).toEqual([1, 100, 49])
  })

  test("an attempt whose turn cannot come before its deadline is rejected as soon as that is known", async () => {
    const { clock, calls } = fleet(1, { perSecond: 0.01 })
    const ends = await clock.runUntil(Promise.all(calls(2, 5000)))
    expect(ends.map(({ kind }) => kind)).toEqual(["success", "no-reply"])
    expect(clock.now()).toBeLessThan(100)
  })

  test("an abort leaves at once, and its turn goes to the next", async () => {
    const { clock, processes, store } = fleet(1, { perSecond: 1, burst: 1 }, 50)
    const [process] = processes
    const controller = new AbortController()
    const aborted = process?.api.get("/", { signal: controller.signal }).outcome()
    const next = process?.api.get("/").outcome()
    aborted?.catch(() => {})
    await clock.advance(10)
    controller.abort(new Error("enough"))
    await expect(aborted).rejects.toThrow("enough")
    await ended(clock, next)
    expect(process?.server.requests.map(({ startedAtMs }) => startedAtMs)).toEqual([50])
    expect(store.asked).toEqual([1])
  })
})

describe("a turn that was granted in vain", () => {
  const leave = async ({ clock, processes }: ReturnType<typeof fleet>): Promise<void> => {
    const controller = new AbortController()
    const left = processes[0]?.api.get("/", { signal: controller.signal }).outcome()
    left?.catch(() => {})
    await clock.advance(1)
    controller.abort()
    await clock.advance(1)
  }

  test.each([
    ["is good for the next attempt within a second", 900, [1]],
    ["is not kept for longer", 1100, [1, 1]],
  ])("%s", async (_what, passedMs, asked) => {
    const all = fleet(1, { perSecond: 100, burst: 5 })
    await leave(all)
    await all.clock.advance(passedMs)
    await all.clock.runUntil(Promise.all(all.calls(1)))
    expect(all.store.asked).toEqual(asked)
  })
})

describe("a pause that processes share", () => {
  test("holds back also those that were not asked to pause", async () => {
    const { clock, processes, startsMs } = fleet(3)
    const [first] = processes
    first?.server.expect("GET /").replies(429, { headers: { "retry-after": "30" } })
    await ended(clock, first?.api.get("/").outcome())
    await clock.runUntil(Promise.all(processes.map(({ api }) => api.get("/", { deadline: false }).outcome())))
    expect(startsMs()[0]).toBeLessThan(10)
    expect(startsMs()[1]).toBeGreaterThanOrEqual(30_000)
    expect(startsMs()).toHaveLength(4)
  })

  test("without a rate nothing else holds back", async () => {
    const { clock, calls, startsMs } = fleet(2)
    await clock.runUntil(Promise.all(calls(50)))
    expect(startsMs().at(-1)).toBeLessThan(10)
  })
})

describe("while the store cannot be asked", () => {
  test.each([
    ["down", 0],
    ["silent", 250],
  ] as const)("and is %s, each process keeps to its share of the rate, after %i ms", async (state, afterMs) => {
    const { clock, store, processes, calls, startsMs } = fleet(2, { perSecond: 10 })
    store.state = state
    await clock.runUntil(Promise.all(calls(6)))
    expect(startsMs()).toEqual([0, 0, 200, 200, 400, 400, 600, 600, 800, 800, 1000, 1000].map((ms) => ms + afterMs))
    expect(processes[0]?.policy.rate(KEY)).toBe(5)
    expect(processes[0]?.changes.map(({ state }) => state)).toEqual(["alone"])
    expect(processes[0]?.changes[0]?.why).toMatch(/^the shared rate cannot be asked for: /)
    await clock.advance(300)
    expect(clock.pending).toBe(0)
  })

  test("it is asked again each second, and shared again when it answers", async () => {
    const { clock, store, processes, calls } = fleet(1, { perSecond: 10 })
    store.state = "down"
    const ends = Promise.all(calls(20))
    await clock.advance(500)
    store.state = "up"
    await clock.runUntil(ends)
    expect(processes[0]?.changes.map(({ state }) => state)).toEqual(["alone", "shared"])
    expect(processes[0]?.policy.rate(KEY)).toBe(10)
  })

  test("an answer that comes too late changes nothing", async () => {
    const { clock, processes, calls, startsMs } = fleet(1, { perSecond: 10 }, 400)
    await clock.runUntil(Promise.all(calls(5)))
    expect(startsMs()).toEqual([250, 450, 650, 850, 1050])
    expect(processes[0]?.changes.map(({ state }) => state)).toEqual(["alone"])
  })

  test("one that grants nothing and names no time is not asked without end", async () => {
    const { clock, store, calls } = fleet(1)
    store.take = (_key, _rate, wanted) => {
      store.asked.push(wanted)
      return Promise.resolve({ granted: store.asked.length > 5 ? 1 : 0, nextMs: 0 })
    }
    await clock.runUntil(Promise.all(calls(1)))
    expect(store.asked).toHaveLength(6)
    expect(clock.now()).toBe(5)
  })

  test("a pause that the server asks for holds back this process all the same", async () => {
    const { clock, store, processes, startsMs } = fleet(1)
    store.state = "down"
    const [first] = processes
    first?.server.expect("GET /").replies(429, { headers: { "retry-after": "30" } })
    await ended(clock, first?.api.get("/").outcome())
    await ended(clock, first?.api.get("/", { deadline: false }).outcome())
    expect(startsMs()[1]).toBeGreaterThanOrEqual(30_000)
  })
})

test.each([
  ["a string", () => pace({ shared: "redis://localhost" as never }), "pace.shared"],
  ["a store that cannot be asked", () => sharedTurns({ share: 1 } as never), "sharedTurns: an object (Object); give a store"],
  ["a share above 1", () => sharedTurns({ ...new TestStore(testRuntime().clock, 0), pause: async () => {}, share: 2 }), "from 0.000001 to 1"],
])("%s is refused", (_what, make, message) => {
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(message)
}) // prettier-ignore
