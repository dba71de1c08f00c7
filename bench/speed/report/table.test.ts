import { describe, expect, test } from "vitest"
import type { ItemResult } from "../results.ts"
import { chart } from "./chart.ts"
import { itemTable } from "./table.ts"

const item: ItemResult = {
  id: "get",
  title: "GET",
  about: "",
  order: "best first",
  reference: "slow",
  measures: [
    {
      title: "Calls per second",
      unit: "calls/s",
      better: "higher",
      rows: [
        { name: "broken", values: [], failure: "no reply" },
        { name: "slow", values: [1000, 900, 1100] },
        { name: "quick", values: [5000, 4500, 5500] },
      ],
    },
    {
      title: "CPU",
      unit: "µs",
      better: "lower",
      rows: [
        { name: "slow", values: [300] },
        { name: "quick", values: [40] },
      ],
    },
  ],
}

const cells = (table: string): string[][] =>
  table
    .split("\n")
    .slice(2)
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map((line) => line.slice(1, -1))

describe("an item's table", () => {
  test("shows the best first, with spread, ratio and the other measures, and failures last", () => {
    expect(cells(itemTable(item))).toEqual([
      ["quick", "5,000", "20 %", "5.00", "40.0"],
      ["slow", "1,000", "20 %", "1.00", "300"],
      ["broken (failed: no reply)", "–", "–", "–", "–"],
    ])
  })

  test("keeps the order of what is listed, and compares with nothing where nothing is named", () => {
    const { reference: _, ...listed } = { ...item, order: "as listed" as const }
    expect(cells(itemTable(listed)).map(([name, , , next]) => [name, next])).toEqual([
      ["broken (failed: no reply)", "–"],
      ["slow", "300"],
      ["quick", "40.0"],
    ])
  })
})

describe("an item's chart", () => {
  test("is an SVG of those that have numbers, with their medians", () => {
    const [measure] = item.measures
    const svg = measure === undefined ? "" : chart(item, measure)
    expect(svg).toMatch(/^<svg .*<\/svg>\s*$/s)
    expect([...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text)).toEqual(
      expect.arrayContaining(["quick", "slow", "5,000", "1,000", "GET"]),
    )
    expect(svg).not.toContain("broken")
  })
})
