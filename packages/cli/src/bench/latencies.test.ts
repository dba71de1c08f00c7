import { expect, test } from "vitest"
import { Latencies } from "./latencies.ts"

test("percentiles are known to three digits", () => {
  const latencies = new Latencies()
  for (let ms = 1; ms <= 1000; ms++) latencies.note(ms)
  const { p50 = 0, p90 = 0, p99 = 0, p999 = 0, max, mean = 0 } = latencies.summary ?? {}
  for (const [seen, exact] of [
    [p50, 500],
    [p90, 900],
    [p99, 990],
    [p999, 999],
  ] as const)
    // prettier-ignore
    expect(Math.abs(seen - exact) / exact).toBeLessThan(0.002)
  expect(max).toBe(1000)
  expect(mean).toBeCloseTo(500.5, 0)
  expect(latencies.percentileMs(50)).toBe(p50)
})

test("of none there is nothing to tell", () => {
  expect([new Latencies().summary, new Latencies().percentileMs(99)]).toEqual([undefined, undefined])
})

test("the longest is known exactly, and no percentile is above it", () => {
  const latencies = new Latencies()
  latencies.note(1234.5678)
  expect(latencies.summary?.max).toBe(1234.5678)
  expect(latencies.percentileMs(99.9)).toBeLessThanOrEqual(1234.5678)
})

test("what is shorter than a microsecond or longer than an hour is counted, too", () => {
  const latencies = new Latencies()
  for (const ms of [0, 0, 1e9]) latencies.note(ms)
  expect(latencies.percentileMs(50)).toBeLessThanOrEqual(0.001)
  expect(latencies.percentileMs(99)).toBeGreaterThan(3_590_000)
})
