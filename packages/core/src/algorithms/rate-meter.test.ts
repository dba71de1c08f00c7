import { expect, test } from "vitest"
import { RateMeter } from "./rate-meter.ts"

function counted(...instants: readonly number[]): RateMeter {
  const meter = new RateMeter()
  for (const at of instants) meter.count(at)
  return meter
}

test("the rate is taken over the time that has passed, and over a tenth of a second at least", () => {
  const meter = counted(0, 0, 0, 0, 0)
  expect([0, 50, 100, 500].map((now) => meter.perSecond(now))).toEqual([50, 50, 50, 10])
})

test("what happened in the second before counts in full, and for the whole of it", () => {
  const meter = counted(0, 0, 0, 0, 0)
  expect(meter.perSecond(1000)).toBe(5)
  expect(meter.perSecond(1500)).toBeCloseTo(5 / 1.5)
  meter.count(1500)
  meter.count(1500)
  expect(meter.perSecond(1999)).toBeCloseTo(7 / 1.999)
})

test("what is older than two seconds is forgotten", () => {
  expect(counted(0, 0, 1100).perSecond(2000)).toBe(1)
  expect(counted(0, 0, 1100).perSecond(3000)).toBe(0)
  expect(counted(0, 0).perSecond(2500)).toBe(0)
})

test("seconds are counted from the first one, however long nothing happens", () => {
  const meter = counted(0, 10_250, 10_750)
  expect(meter.perSecond(10_999)).toBeCloseTo(2 / 0.999)
  expect(meter.perSecond(11_000)).toBe(2)
})
