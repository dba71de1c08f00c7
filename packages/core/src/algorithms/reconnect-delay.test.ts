import { expect, test } from "vitest"
import { reconnectMs } from "./reconnect-delay.ts"

const least = (): number => 0
const most = (): number => 1

test.each<[inARow: number, afterMs: number, from: number, to: number]>([
  [1, 1000, 1000, 2000],
  [2, 1000, 1000, 2000],
  [3, 1000, 1000, 3000],
  [4, 1000, 1000, 5000],
  [6, 1000, 1000, 17_000],
  [7, 1000, 1000, 31_000],
  [5000, 1000, 1000, 31_000],
  [1, 0, 0, 0],
  [2, 0, 0, 1000],
  [3, 0, 0, 2000],
  [1, 60_000, 60_000, 90_000],
  [9, 60_000, 60_000, 90_000],
])("reconnection %i after %i ms waits between %i and %i ms", (inARow, afterMs, from, to) => {
  expect(reconnectMs(inARow, afterMs, least)).toBe(from)
  expect(reconnectMs(inARow, afterMs, most)).toBe(to)
})
