import { expect, test } from "vitest"
import { parseRate } from "./rate.ts"

test.each([
  ["100/s", 100],
  ["0.5/s", 0.5],
  ["30/m", 0.5],
  ["3600/h", 1],
  ["100000/s", 100_000],
])("%s is %d per second", (text, perSecond) => {
  expect(parseRate("--rate", text)).toBe(perSecond)
})

test.each([
  ["100", '--rate is "100", which is no rate; write 100/s'],
  ["0/s", '--rate is "0/s", which is no rate; write it like 100/s or 30/m'],
  ["0", "write it like 100/s or 30/m"],
  ["-5/s", "which is no rate"],
  ["5/d", "which is no rate"],
  ["fast", "which is no rate"],
  ["100001/s", '--rate is "100001/s"; give at most 100000/s'],
])("%s is refused", (text, message) => {
  expect(() => parseRate("--rate", text)).toThrow(message)
})
