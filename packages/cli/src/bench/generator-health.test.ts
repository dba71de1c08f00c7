import { expect, test } from "vitest"
import { isBusy, isLate, watchGenerator } from "./generator-health.ts"

test("from nine tenths of the time on it is busy, from 20 ms on it is late", () => {
  expect([0.899, 0.9].map((busyShare) => isBusy({ busyShare, delayP99Ms: 0 }))).toEqual([false, true])
  expect([19.9, 20].map((delayP99Ms) => isLate({ busyShare: 0, delayP99Ms }))).toEqual([false, true])
})

test("what is seen of this process are shares and times", () => {
  const { busyShare, delayP99Ms } = watchGenerator()()
  expect(busyShare).toBeGreaterThanOrEqual(0)
  expect(busyShare).toBeLessThanOrEqual(1)
  expect(delayP99Ms).toBeGreaterThanOrEqual(0)
})
