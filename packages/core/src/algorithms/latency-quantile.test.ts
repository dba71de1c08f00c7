import { seededRandom } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { LatencyQuantile } from "./latency-quantile.ts"

/** What is seen of latencies drawn one by one by someone who gives up after what `giveUpMs` says. */
function observed(
  quantile: number,
  count: number,
  draw: () => number,
  giveUpMs: (latency: LatencyQuantile) => number = () => Number.POSITIVE_INFINITY,
): LatencyQuantile {
  const latency = new LatencyQuantile(quantile)
  for (let index = 0; index < count; index++) {
    const [tookMs, mostMs] = [draw(), giveUpMs(latency)]
    latency.add(Math.min(tookMs, mostMs), tookMs > mostMs)
  }
  return latency
}

test("the quantile of what has ended is found, from a tenth of a millisecond to ten minutes", () => {
  for (const unitMs of [0.1, 5, 800, 250_000]) {
    const random = seededRandom(1)
    const { valueMs } = observed(0.95, 5000, () => unitMs * (1 + random()))
    expect(valueMs / unitMs).toBeGreaterThan(1.92)
    expect(valueMs / unitMs).toBeLessThan(1.98)
  }
})

test("giving up soon after the quantile does not make it smaller", () => {
  const random = seededRandom(2)
  const { valueMs } = observed(
    0.95,
    20_000,
    () => 10 * (1 + random()),
    (latency) => (latency.samples < 50 ? Number.POSITIVE_INFINITY : latency.valueMs + 0.1),
  )
  expect(valueMs).toBeGreaterThan(19.3)
  expect(valueMs).toBeLessThan(19.7)
})

test("leaving out what was given up makes it smaller and smaller: twice as much as it should lies above", () => {
  const share = (leavesOut: boolean): number => {
    const random = seededRandom(3)
    const latency = new LatencyQuantile(0.95)
    let above = 0
    for (let index = 0; index < 20_000; index++) {
      const [tookMs, otherMs] = [random() < 0.06 ? 100 : 5 + 5 * random(), 5 + 5 * random()]
      const mostMs = latency.samples < 50 ? Number.POSITIVE_INFINITY : latency.valueMs + otherMs
      if (latency.samples >= 50 && tookMs > latency.valueMs) above++
      if (tookMs <= mostMs || !leavesOut) latency.add(Math.min(tookMs, mostMs), tookMs > mostMs)
    }
    return above / 20_000
  }
  expect(share(false)).toBeLessThan(0.055)
  expect(share(true)).toBeGreaterThan(0.09)
})

test("a quantile that lies beyond all that was seen is put at its end", () => {
  const { valueMs } = observed(
    0.95,
    1000,
    () => 100,
    () => 20,
  )
  expect(valueMs).toBeGreaterThanOrEqual(20)
  expect(valueMs).toBeLessThan(21.1)
})

test("what is out of range counts at the end of the range", () => {
  expect(observed(0.5, 10, () => 0).valueMs).toBeLessThan(0.11)
  expect(observed(0.5, 10, () => 1e9).valueMs).toBeGreaterThan(570_000)
})

test("where latency grows or falls tenfold, the value follows", () => {
  const latency = new LatencyQuantile(0.95)
  const random = seededRandom(1)
  const observe = (count: number, scale: number): number => {
    for (let index = 0; index < count; index++) latency.add(scale * (1 + random()), false)
    return latency.valueMs
  }
  expect(observe(1000, 5)).toBeCloseTo(9.75, 0)
  expect(observe(200, 50)).toBeGreaterThan(70)
  expect(observe(5000, 5)).toBeCloseTo(9.75, 0)
})

test("the value lies within what was seen, give or take a bucket, however long it goes on", () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.double({ min: 0.2, max: 1e5, noNaN: true }), fc.boolean()), {
        minLength: 10,
        maxLength: 60,
      }),
      fc.integer({ min: 1, max: 500 }),
      fc.double({ min: 0.01, max: 0.999, noNaN: true }),
      (seen, times, quantile) => {
        const latency = new LatencyQuantile(quantile)
        for (let time = 0; time < times; time++)
          for (const [tookMs, wasGivenUp] of seen) latency.add(tookMs, wasGivenUp)
        const all = seen.map(([tookMs]) => tookMs)
        expect(latency.valueMs).toBeGreaterThanOrEqual(Math.min(...all) * 0.95)
        expect(latency.valueMs).toBeLessThanOrEqual(Math.max(...all) * 1.06)
      },
    ),
    { numRuns: 50 },
  ))
