import { expect, test } from "vitest"
import { formatDuration, formatLatency, parseDuration, parseLimit } from "./duration.ts"

test.each([
  ["500ms", 500],
  ["1.5s", 1500],
  ["30s", 30_000],
  ["2m", 120_000],
  ["1h", 3_600_000],
])("%s is %i milliseconds", (text, expected) => {
  expect(parseDuration("--deadline", text)).toBe(expected)
})

test("a number without unit is refused with both readings", () => {
  expect(() => parseDuration("--deadline", "5")).toThrow('--deadline is "5", which is no duration; write 5s or 5ms')
})

test.each(["", "0s", "-1s", "s", "1 s", "1d", "1e3s"])("%j is no duration", (text) => {
  expect(() => parseDuration("--timeout", text)).toThrow("write it like 500ms, 30s or 2m")
})

test("a limit can be none", () => {
  expect(parseLimit("--deadline", "none")).toBe(false)
  expect(parseLimit("--deadline", "1s")).toBe(1000)
})

test.each([
  [0.4, "0 ms"],
  [12.3, "12 ms"],
  [999.6, "1 s"],
  [20_000, "20 s"],
  [1249, "1.2 s"],
  [59_960, "1 min"],
  [125_000, "2 min 5 s"],
  [3_599_600, "1 h"],
  [5_430_000, "1 h 31 min"],
])("%d ms reads %s", (delayMs, expected) => {
  expect(formatDuration(delayMs)).toBe(expected)
})

test.each([
  [0.004, "0.00 ms"],
  [0.42, "0.42 ms"],
  [9.994, "9.99 ms"],
  [9.996, "10.0 ms"],
  [84.14, "84.1 ms"],
  [99.96, "100 ms"],
  [1249, "1.2 s"],
])("a latency of %d ms reads %s", (latencyMs, expected) => {
  expect(formatLatency(latencyMs)).toBe(expected)
})
