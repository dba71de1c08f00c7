import { describe, expect, test } from "vitest"
import { bars } from "./bars.ts"
import { STANDARD } from "./measures/pipeline-variants.ts"
import type { Measure, Row } from "./results.ts"

const rates: Record<string, number> = {
  "undici dispatch": 25_000,
  "steadfetch on undici": 21_000,
  "undici.request": 14_000,
  "global fetch": 4_000,
  "steadfetch on fetch": 3_900,
  ky: 2_000,
  axios: 2_500,
  got: 2_200,
}

const measureOf = (rows: readonly Row[]): Measure => ({ title: "", unit: "calls/s", better: "higher", rows })

function judged(changes: Partial<Record<string, number>> = {}, addedUs = 2.5): string[] {
  const rows = Object.entries({ ...rates, ...changes }).map(([name, rate = 0]) => ({ name, values: [rate] }))
  const added = measureOf([{ name: STANDARD, values: [addedUs] }])
  return bars(measureOf(rows), added)
    .filter(({ isMet }) => !isMet)
    .map(({ name, measured, required }) => `${name}  ${measured}  ${required}`)
}

describe("the bars", () => {
  test("numbers that keep every promise meet all bars", () => {
    expect(judged()).toEqual([])
  })

  test.each([
    [{ "undici.request": 16_000 }, "steadfetch on undici ÷ undici.request  1.31 ×  ≥ 1.4 ×"],
    [{ "undici dispatch": 30_000 }, "steadfetch on undici ÷ undici dispatch  0.70 ×  ≥ 0.8 ×"],
    [{ ky: 4_000 }, "steadfetch on undici ÷ the best of ky, got, axios  5.25 ×  ≥ 6 ×"],
    [{ "steadfetch on fetch": 3_600 }, "steadfetch on fetch ÷ global fetch  0.90 ×  ≥ 0.95 ×"],
  ])("%j misses its bar alone", (change, line) => {
    expect(judged(change)).toEqual([line])
  })

  test("a pipeline that adds too much is told in microseconds", () => {
    expect(judged({}, 3.2)).toEqual(["pipeline, standard preset, added per call  3.20 µs  ≤ 3 µs"])
  })

  test("a client that could not be measured leaves its bar missed", () => {
    const failed = measureOf(
      [
        ...Object.entries(rates).map(([name, rate]) => ({ name, values: [rate] })),
        { name: "got", values: [], failure: "no reply" },
      ].filter(({ name, values }) => name !== "got" || values.length === 0),
    )
    const missed = bars(failed, measureOf([{ name: STANDARD, values: [1] }])).filter(({ isMet }) => !isMet)
    expect(missed.map(({ measured }) => measured)).toEqual(["NaN ×"])
  })
})
