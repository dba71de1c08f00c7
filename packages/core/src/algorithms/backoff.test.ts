import * as fc from "fast-check"
import { expect, test } from "vitest"
import { backoffMs, fullJitterMs } from "./backoff.ts"

const lessThanOne = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const ms = fc.integer({ min: 0, max: 2 ** 40 })

test("the range doubles with every retry until the cap", () => {
  expect([1, 2, 3, 4, 5, 6].map((retry) => backoffMs(retry, 500, 10_000))).toEqual([
    500, 1000, 2000, 4000, 8000, 10_000,
  ])
})

test("the range stays at the cap however many retries there were", () => {
  expect([100, 1100, 1e6].map((retry) => backoffMs(retry, 500, 20_000))).toEqual([20_000, 20_000, 20_000])
})

test("a base of zero stays zero however many retries there were", () => {
  expect(backoffMs(1025, 0, 20_000)).toBe(0)
})

test("a base above the cap is held to the cap", () => {
  expect(backoffMs(1, 5000, 100)).toBe(100)
})

test("full jitter draws from zero up to the range", () => {
  expect([0, 0.25, 0.5, 0.75].map((random) => fullJitterMs(3, 100, 10_000, 1e9, () => random))).toEqual([
    0, 100, 200, 300,
  ])
})

test("a delay lies between zero and the least of range, cap and room, for all numbers", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), ms, ms, ms, lessThanOne, (retry, baseMs, capMs, roomMs, random) => {
      const delayMs = fullJitterMs(retry, baseMs, capMs, roomMs, () => random)
      expect(delayMs).toBeGreaterThanOrEqual(0)
      expect(delayMs).toBeLessThanOrEqual(Math.min(capMs, roomMs, baseMs * 2 ** Math.min(retry - 1, 900)))
    }),
  )
})
