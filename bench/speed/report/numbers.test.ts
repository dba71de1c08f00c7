import { describe, expect, test } from "vitest"
import { rounded } from "./numbers.ts"

describe("rounding for readers", () => {
  test.each([
    [23_456, "23,500"],
    [999.6, "1,000"],
    [345.6, "346"],
    [34.56, "34.6"],
    [3.456, "3.46"],
    [0.0345, "0.03"],
    [0, "0.00"],
    [-2.5, "-2.50"],
    [Number.NaN, "–"],
  ])("%d reads %s", (value, text) => {
    expect(rounded(value)).toBe(text)
  })
})
