import * as fc from "fast-check"
import { expect, test } from "vitest"
import { LearnedRate } from "./learned-rate.ts"

const steps = fc.array(
  fc.record({
    gapMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 5000, noNaN: true }), fc.constant(3_600_000)),
    latencyMs: fc.double({ min: 0, max: 2000, noNaN: true }),
    pauseMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 60_000, noNaN: true })),
    isTaken: fc.boolean(),
    isPatient: fc.boolean(),
  }),
  { maxLength: 100 },
)

test("whatever a server answers, the rate stays above its floor and every wait has an end", () => {
  fc.assert(
    fc.property(steps, (list) => {
      const rate = new LearnedRate()
      let now = 0
      for (const { gapMs, latencyMs, pauseMs, isTaken, isPatient } of list) {
        now += isPatient ? Math.max(gapMs, rate.waitMs(now)) : gapMs
        rate.take(now)
        const sentAt = now
        now += latencyMs
        if (isTaken) rate.accepted(now, sentAt)
        else rate.throttled(now, sentAt, pauseMs)
        expect(rate.perSecond).toBeGreaterThanOrEqual(0.1)
        const waits = [1, 2, 100].map((sends) => rate.waitMs(now, sends))
        expect(waits.every((waitMs) => waitMs >= 0 && waitMs < Number.POSITIVE_INFINITY)).toBe(true)
        expect(waits).toEqual(waits.toSorted((a, b) => a - b))
      }
    }),
  )
})

test("nothing is held back before the first refusal", () => {
  const rate = new LearnedRate()
  for (let now = 0; now < 1000; now++) {
    expect(rate.waitMs(now, 1000)).toBe(0)
    rate.take(now)
    rate.accepted(now + 1, now)
  }
  expect(rate.perSecond).toBe(Number.POSITIVE_INFINITY)
})

test("refusals of what was sent before the gate opened again do not close it", () => {
  const rate = new LearnedRate()
  for (let sent = 0; sent < 10; sent++) rate.take(sent)
  expect(rate.throttled(100, 0, 0)).toBe(true)
  rate.take(1000)
  expect(rate.accepted(1100, 1000)).toBe(true)
  expect([1, 2, 3].map((sentAt) => rate.throttled(1200, sentAt, 0))).toEqual([false, false, false])
  expect(rate.waitMs(1101 + 1000)).toBe(0)
})

test("a rate that holds nothing back does not rise", () => {
  const rate = new LearnedRate()
  rate.take(0)
  rate.throttled(10, 0, 0)
  rate.take(5000)
  rate.accepted(5010, 5000)
  const { perSecond } = rate
  for (let now = 10_000; now < 500_000; now += 5000) {
    rate.take(now)
    rate.accepted(now + 10, now)
  }
  expect(rate.perSecond).toBe(perSecond)
})
