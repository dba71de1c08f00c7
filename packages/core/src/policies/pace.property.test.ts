import { testExchange, testRuntime } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { Cancellation, failure, pace, pipeline, WholeBody, type Exchange, type Outcome } from "../index.ts"

/** One attempt: when it comes, what the server says to it and when, and when its caller has enough. */
interface Plan {
  readonly gapMs: number
  readonly latencyMs: number
  readonly says: "ok" | "throttled" | "pause" | "reset"
  readonly deadlineMs: number | undefined
  readonly abortMs: number | undefined
}

const plans = fc.array(
  fc.record<Plan>({
    gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })),
    latencyMs: fc.integer({ min: 0, max: 300 }),
    says: fc.oneof(
      { weight: 8, arbitrary: fc.constant("ok" as const) },
      { weight: 1, arbitrary: fc.constantFrom("throttled" as const, "pause" as const, "reset" as const) },
    ),
    deadlineMs: fc.option(fc.integer({ min: 1, max: 3000 }), { nil: undefined }),
    abortMs: fc.option(fc.integer({ min: 0, max: 3000 }), { nil: undefined, freq: 4 }),
  }),
  { minLength: 1, maxLength: 40 },
)

/** How one attempt went. */
interface Course {
  readonly plan: Plan
  readonly index: number
  cameAt: number
  abortedAt: number | undefined
  startedAt: number | undefined
  endedAt: number | undefined
  outcome: Outcome | undefined
}

const FIXED = { perSecond: 10, burst: 3 }
const PAUSE_MS = 2000

async function play(
  list: readonly Plan[],
  seed: number,
): Promise<{ courses: Course[]; pausedAt: number[]; timers: number }> {
  const runtime = testRuntime({ seed })
  const { clock } = runtime
  const pausedAt: number[] = []
  const byExchange = new WeakMap<object, Course>()
  const pass = (delayMs: number): Promise<void> => new Promise((resolve) => clock.after(delayMs, resolve))
  const send = async (exchange: Exchange): Promise<Outcome> => {
    const course = byExchange.get(exchange.record)
    if (course === undefined) throw new Error("an unknown exchange")
    course.startedAt = clock.now()
    await pass(course.plan.latencyMs)
    const { says } = course.plan
    if (says === "reset") return failure("reset", "the connection broke")
    if (says === "pause") pausedAt.push(clock.now())
    const headers = new Headers(says === "pause" ? { "retry-after": String(PAUSE_MS / 1000) } : {})
    const status = says === "ok" ? 200 : 429
    return { kind: "reply", status, url: undefined, headers, body: new WholeBody(new Uint8Array()) }
  }
  const handler = pipeline([pace(FIXED)], { send, isPrompt: true, close: async () => {} }, runtime)

  const attempt = async (course: Course): Promise<void> => {
    const { abortMs, deadlineMs } = course.plan
    const signal = new Cancellation(undefined)
    course.cameAt = clock.now()
    const deadlineAt = deadlineMs === undefined ? Number.POSITIVE_INFINITY : course.cameAt + deadlineMs
    const exchange = testExchange("https://api.test/", { signal, deadlineAt })
    byExchange.set(exchange.record, course)
    const callOff = clock.after(abortMs ?? Number.POSITIVE_INFINITY, () => {
      course.abortedAt = clock.now()
      signal.cancel("enough")
    })
    course.outcome = await handler(exchange)
    course.endedAt = clock.now()
    callOff()
  }
  const courses = list.map((plan, index): Course => ({
    plan, index, cameAt: 0, abortedAt: undefined, startedAt: undefined, endedAt: undefined, outcome: undefined,
  })) // prettier-ignore
  const arrivals = async (): Promise<void> => {
    const under: Promise<void>[] = []
    for (const course of courses) {
      if (course.plan.gapMs > 0) await pass(course.plan.gapMs)
      under.push(attempt(course))
    }
    await Promise.all(under)
  }
  await clock.runUntil(arrivals())
  return { courses, pausedAt, timers: clock.pending }
}

test("whatever comes, fails, waits and gives up", async () => {
  await fc.assert(
    fc.asyncProperty(plans, fc.integer(), async (list, seed) => {
      const { courses, pausedAt, timers } = await play(list, seed)

      // No timer is left.
      expect(timers).toBe(0)

      const sent = courses.filter(({ startedAt }) => startedAt !== undefined)
      const startsAt = sent.map(({ startedAt = 0 }) => startedAt).toSorted((a, b) => a - b)

      // In any time t no more than burst + perSecond · t go out.
      let least = Number.POSITIVE_INFINITY
      for (const [index, at] of startsAt.entries()) {
        least = Math.min(least, index - (at * FIXED.perSecond) / 1000)
        expect(index + 1 - (at * FIXED.perSecond) / 1000 - least).toBeLessThanOrEqual(FIXED.burst + 1e-3)
      }

      // First come, first served.
      const order = sent.toSorted((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0) || a.index - b.index)
      expect(order.map(({ index }) => index)).toEqual(sent.map(({ index }) => index))

      // During a pause nothing goes out.
      for (const at of pausedAt) expect(startsAt.filter((start) => start > at && start < at + PAUSE_MS)).toEqual([])

      // Nobody is sent at or after the deadline; who cannot be sent before it waits no longer than until then.
      const waitedTooLong = courses.filter(
        ({ plan: { deadlineMs = Number.POSITIVE_INFINITY }, cameAt, startedAt, endedAt = Number.POSITIVE_INFINITY }) =>
          startedAt === undefined ? endedAt - cameAt > deadlineMs : startedAt - cameAt >= deadlineMs,
      )
      expect(waitedTooLong).toEqual([])

      // Who gives up while waiting has ended at that instant, and is not sent any more.
      const gaveUp = courses.filter(({ abortedAt }) => abortedAt !== undefined)
      const wrong = gaveUp.filter(
        ({ abortedAt = 0, startedAt, endedAt }) =>
          (startedAt === undefined && endedAt !== abortedAt) || (startedAt ?? 0) > abortedAt,
      )
      expect(wrong).toEqual([])

      // Who is neither sent nor gives up was rejected, and told when to come back.
      const others = courses.filter(({ startedAt, abortedAt }) => startedAt === undefined && abortedAt === undefined)
      const told = { code: "rejected", processed: false, retryAt: expect.any(Number) }
      expect(others.map(({ outcome }) => outcome)).toEqual(others.map(() => expect.objectContaining(told)))
    }),
    { numRuns: 150 },
  )
})

test("with timers up to 40 ms late no more goes out in any time than fell due in it and the 20 ms before", async () => {
  const lateness = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(10, 100, 1000), lateness, async (perSecond, lateMs) => {
      const runtime = testRuntime()
      const { clock } = runtime
      let timer = 0
      const after = (delayMs: number, run: () => void): (() => void) =>
        clock.after(delayMs + (lateMs[timer++ % lateMs.length] ?? 0), run)
      const late = { now: () => clock.now(), date: () => clock.date(), after }
      const startsAt: number[] = []
      const send = async (): Promise<Outcome> => {
        startsAt.push(clock.now())
        const body = new WholeBody(new Uint8Array())
        return { kind: "reply", status: 200, url: undefined, headers: new Headers(), body }
      }
      const policy = pace({ perSecond, burst: 2 })
      const handler = pipeline([policy], { send, isPrompt: true, close: async () => {} }, { ...runtime, clock: late })
      await clock.runUntil(Promise.all(Array.from({ length: 60 }, () => handler(testExchange("https://api.test/")))))
      let least = Number.POSITIVE_INFINITY
      for (const [index, at] of startsAt.entries()) {
        least = Math.min(least, index - (at * perSecond) / 1000)
        expect(index + 1 - (at * perSecond) / 1000 - least).toBeLessThanOrEqual(2 + perSecond * 0.02 + 1e-3)
      }
      expect(startsAt).toHaveLength(60)
    }),
    { numRuns: 40 },
  )
})
