import { describe, expect, test } from "vitest"
import { median, ratio, spread } from "./statistics.ts"

describe("statistics", () => {
  test("the median is the middle value, or between the two in the middle", () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([9, 1, 5, 7])).toBe(6)
    expect(median([])).toBeNaN()
  })

  test("the spread is the range as a share of the median", () => {
    expect(spread([90, 100, 120])).toBeCloseTo(0.3)
    expect(spread([7])).toBe(0)
  })

  test("a ratio compares within rounds, so that a slow round changes nothing", () => {
    expect(ratio([200, 20, 220], [100, 10, 100])).toBe(2)
  })

  test("a ratio uses the rounds that both have", () => {
    expect(ratio([200, 300], [100])).toBe(2)
    expect(ratio([], [100])).toBeNaN()
  })
})
