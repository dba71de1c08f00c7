import * as fc from "fast-check"
import { expect, test } from "vitest"
import { note, percentile, type Latencies } from "./latencies.ts"

function noted(...all: readonly number[]): Latencies {
  const latencies: Latencies = {}
  for (const ms of all) note(latencies, ms)
  return latencies
}

test("nothing noted has no percentile", () => {
  expect(percentile([], 0.5)).toBeUndefined()
  expect(percentile([noted()], 0.99)).toBeUndefined()
})

test("zero stays zero", () => {
  expect(percentile([noted(0, 0)], 0.5)).toBe(0)
})

test("a percentile lies within 9 % of the exact one, however the latencies are spread over seconds", () => {
  const latency = fc.double({ min: 1, max: 600_000, noNaN: true })
  const seconds = fc.array(fc.array(latency, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 10 })
  fc.assert(
    fc.property(seconds, fc.constantFrom(0.5, 0.95, 0.99), (seconds, share) => {
      const sorted = seconds.flat().toSorted((one, other) => one - other)
      const exact = sorted[Math.ceil(sorted.length * share) - 1] ?? NaN
      const told = percentile(
        seconds.map((all) => noted(...all)),
        share,
      )
      expect(Math.abs((told ?? NaN) - exact)).toBeLessThanOrEqual(0.09 * (exact + 1))
    }),
  )
})

test("takes the same room for a million latencies as for a hundred", () => {
  const latencies: Latencies = {}
  for (let index = 0; index < 1_000_000; index++) note(latencies, index)
  expect(Object.keys(latencies).length).toBeLessThan(170)
})
