import * as fc from "fast-check"
import { expect, test } from "vitest"
import { plain } from "../paint.ts"
import { width } from "../width.ts"
import { barLine, counted, formatBytes, percent, shareOf, timeLeft } from "./bar.ts"

test.each([
  [0, "[                ]"],
  [0.5, "[=======>        ]"],
  [0.999, "[==============> ]"],
  [1, "[================]"],
])("a share of %d is a bar", (share, bar) => {
  expect(barLine(share, [[0, "x"]], 21, plain)).toBe(`${bar}  x`)
})

test("without a share there is no bar", () => {
  expect(barLine(undefined, [[0, "1.2 MB"]], 80, plain)).toBe("1.2 MB")
})

test("a log has all parts and no bar", () => {
  expect(
    barLine(
      0.42,
      [
        [0, " 42 %"],
        [1, "4.2 MB"],
      ],
      Number.POSITIVE_INFINITY,
      plain,
    ),
  ).toBe("42 %  4.2 MB")
})

test("what matters least is left out first where the terminal is narrow", () => {
  const parts = [
    [0, " 42 %"],
    [1, "4.2 of 10 MB"],
    [3, "1 MB/s"],
    [2, "6 s left"],
    [4, undefined],
  ] as const
  const line = (columns: number): string => barLine(0.42, parts, columns, plain)
  expect(line(80)).toBe(`[===========>                  ]   42 %  4.2 of 10 MB  1 MB/s  6 s left`)
  expect(line(50)).toBe("[==>      ]   42 %  4.2 of 10 MB  1 MB/s  6 s left")
  expect(line(36)).toBe(" 42 %  4.2 of 10 MB  6 s left")
  expect(line(20)).toBe(" 42 %  4.2 of 10 MB")
  expect(line(10)).toBe(" 42 %")
  expect(line(1)).toBe(" 42 %")
})

test("a line is never wider than it may be, while its first part fits", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !/\p{Cc}/u.test(text))
  fc.assert(
    fc.property(
      fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      fc.array(text),
      fc.integer({ min: 5, max: 200 }),
      (share, texts, columns) => {
        const parts = texts.map((text, index) => [index + 1, text] as const)
        expect(width(barLine(share, [[0, "100 %"], ...parts], columns, plain))).toBeLessThanOrEqual(columns)
      },
    ),
  )
})

test("100 % is said when all is there, and not before", () => {
  expect([0, 0.999, 1, 1.2].map(percent)).toEqual(["  0 %", " 99 %", "100 %", "100 %"])
})

test("a share needs a total; of nothing, all is there", () => {
  expect([shareOf(5, undefined), shareOf(5, 10), shareOf(0, 0), shareOf(11, 10)]).toEqual([undefined, 0.5, 1, 1])
})

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [99_949, "99.9 kB"],
  [99_951, "100 kB"],
  [999_600, "1.0 MB"],
  [29_100_000, "29.1 MB"],
  [5_000_000_000, "5.0 GB"],
  [7.2e15, "7.2 PB"],
  [7.2e18, "7200 PB"],
])("%d bytes read %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test("a time left is in whole seconds, at least one", () => {
  expect([undefined, 0, 1200, 61_000, 7_200_000].map(timeLeft)).toEqual([
    undefined,
    "1 s left",
    "2 s left",
    "1 min 1 s left",
    "2 h left",
  ])
})

test("none is not told", () => {
  expect([0, 1, 2].map((count) => counted(count, "retry", "retries"))).toEqual([undefined, "1 retry", "2 retries"])
})
