import { getEventListeners } from "node:events"
import { rehearse, type Rehearsal } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { breaker, type Breaker, type BreakerState, type CallOutcome, type EventMap, type Policy } from "../index.ts"

const origin = "https://api.test"

/** One call: when it begins, what the server does, and when its caller gives up. */
const scene = fc.record({
  atMs: fc.nat(20_000),
  answer: fc.constantFrom(200, 200, 200, 404, 429, 500, 503, "reset" as const, "refused" as const, "hang" as const),
  delayMs: fc.oneof(fc.constant(0), fc.nat(2000)),
  abortAfterMs: fc.option(fc.nat(3000), { nil: undefined, freq: 2 }),
  deadline: fc.constantFrom(300, 3000, 15_000),
  reading: fc.constantFrom("buffer" as const, "stream" as const),
})

const scenario = fc.record({
  seed: fc.integer(),
  scenes: fc.array(scene, { minLength: 1, maxLength: 60 }),
  options: fc.record({
    minAttempts: fc.integer({ min: 1, max: 8 }),
    failureRatio: fc.constantFrom(0.01, 0.3, 0.5, 1),
    windowMs: fc.constantFrom(500, 5000, 60_000),
    probes: fc.integer({ min: 1, max: 3 }),
    openMs: fc.integer({ min: 1, max: 1500 }),
    slowMs: fc.option(fc.integer({ min: 1, max: 3000 }), { nil: undefined }),
    whenOpen: fc.constantFrom("reject" as const, "wait" as const),
  }),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

interface Play extends Rehearsal {
  readonly policy: Breaker
  readonly changes: readonly EventMap["changed"][]
  /** How many attempts ended between the change before and this one, at most. */
  readonly endedBefore: readonly number[]
  /** The most probes that were under way at once within one half-open phase. */
  readonly mostProbes: number
  /** Attempts that went out while the breaker was open. */
  readonly sentWhileOpen: number
  readonly ends: readonly { readonly outcome: CallOutcome | undefined; readonly dateMs: number }[]
  /** Listeners that are left on the callers' signals. */
  readonly listeners: number
}

/** Notes what the breaker lets through. */
function observer(policy: Breaker, changes: readonly unknown[]) {
  const seen = { mostProbes: 0, sentWhileOpen: 0, ended: 0 }
  const underWay = new Map<number, number>()
  const observe: Policy = {
    name: "observer",
    scope: "attempt",
    wrap: (next) => async (exchange) => {
      const phase = changes.length
      const state: BreakerState = policy.state(origin)
      if (state === "open") seen.sentWhileOpen++
      const count = (by: number): number => {
        const probes = (underWay.get(phase) ?? 0) + by
        underWay.set(phase, probes)
        return probes
      }
      const probes = count(1)
      if (state === "half-open") seen.mostProbes = Math.max(seen.mostProbes, probes)
      try {
        return await next(exchange)
      } finally {
        count(-1)
        seen.ended++
      }
    },
  }
  return { observe, seen }
}

async function play({ seed, scenes, options }: Scenario): Promise<Play> {
  const policy = breaker(options)
  const changes: EventMap["changed"][] = []
  const endedBefore: number[] = []
  const { observe, seen } = observer(policy, changes)
  const changed = (event: EventMap["changed"]): void => {
    changes.push(event)
    endedBefore.push(seen.ended)
    seen.ended = 0
  }
  const rehearsal = rehearse({ seed, retry: false, timeout: false, add: [policy, observe], on: { changed } })
  const { api, server, clock } = rehearsal
  const controllers: AbortController[] = []
  const ends: { outcome: CallOutcome | undefined; dateMs: number }[] = []
  for (const { answer, delayMs } of scenes) {
    if (answer === "hang") server.hangs()
    else if (typeof answer === "string") server.fails(answer, { delayMs })
    else server.replies(answer, { delayMs })
  }
  for (const { atMs, abortAfterMs, deadline, reading } of scenes) {
    const controller = new AbortController()
    controllers.push(controller)
    const end = (outcome?: CallOutcome): unknown => ends.push({ outcome, dateMs: clock.date() })
    clock.after(atMs, () => void api.get("/", { signal: controller.signal, deadline }).outcome({ reading }).then(end, () => end())) // prettier-ignore
    if (abortAfterMs !== undefined) clock.after(atMs + abortAfterMs, () => controller.abort())
  }
  await clock.advance(40_000)
  const listeners = controllers.reduce((sum, { signal }) => sum + getEventListeners(signal, "abort").length, 0)
  return { ...rehearsal, policy, changes, endedBefore, ends, listeners, ...seen }
}

/** Checks a claim against many scenarios. */
function forAll(claim: (played: Play, given: Scenario) => Promise<void> | void): Promise<void> {
  return fc.assert(
    fc.asyncProperty(scenario, async (given) => claim(await play(given), given)),
    { numRuns: 150 },
  )
}

test("never more probes are under way than allowed, and nothing goes out while it is open", () =>
  forAll(({ mostProbes, sentWhileOpen }, { options }) => {
    expect(mostProbes).toBeLessThanOrEqual(options.probes)
    expect(sentWhileOpen).toBe(0)
  }))

test("it takes legal steps only, each told once", () =>
  forAll(({ changes, policy }) => {
    const states = ["closed", ...changes.map(({ state }) => state)]
    const steps = changes.map(({ state }, index) => `${states[index]} > ${state}`)
    const legal = ["closed > open", "open > half-open", "half-open > open", "half-open > closed"]
    expect(steps.filter((step) => !legal.includes(step))).toEqual([])
    expect(policy.state(origin)).toBe(states.at(-1))
  }))

test("it never opens below its least volume, nor on attempts of before it closed", () =>
  forAll(({ changes, endedBefore }, { options }) => {
    const openings = changes.flatMap(({ state, numbers: { attempts = 0 } }, index) => {
      const wasClosed = index === 0 || changes[index - 1]?.state === "closed"
      return state === "open" && wasClosed ? [{ attempts, ended: endedBefore[index] ?? 0 }] : []
    })
    for (const { attempts, ended } of openings) {
      expect(attempts).toBeGreaterThanOrEqual(options.minAttempts)
      expect(attempts).toBeLessThanOrEqual(ended)
    }
  }))

test("every rejection is told as one, and names a time to come back that is not past, while it is open", () =>
  forAll(({ ends }) => {
    const rejections = ends.flatMap(({ outcome, dateMs }) => {
      if (outcome?.kind !== "no-reply" || outcome.error.code !== "rejected") return []
      const { message, retryAt } = outcome.error
      return [
        { isOpen: message.includes("is open"), inMs: Number(retryAt) - dateMs, attempts: outcome.attempts.length },
      ]
    })
    const wrong = rejections.filter(({ isOpen, inMs, attempts }) => attempts !== 0 || (isOpen && !(inMs >= 0)))
    expect(wrong).toEqual([])
  }))

test("when all calls are over nothing is left, and a server that is well closes it", () =>
  forAll(async ({ ends, clock, server, listeners, policy, api, run }, { scenes, options }) => {
    expect([ends.length, clock.pending, listeners]).toEqual([scenes.length, 0, 0])
    server.otherwise.replies(200)
    // Calls that sent nothing left their answers; each origin has a breaker of its own.
    const rest = scenes.length - server.requests.length
    for (let call = 0; call < rest; call++) await run(api.get(`https://${call}.test/`, { deadline: 5000 }).outcome())
    await clock.advance(60_000)
    for (let call = 0; call < options.probes; call++) await run(api.get("/").outcome())
    expect(policy.state(origin)).toBe("closed")
  }))
