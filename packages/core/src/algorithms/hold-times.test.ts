import { expect, test } from "vitest"
import { HoldTimes } from "./hold-times.ts"

const noted = (...times: number[]): HoldTimes => {
  const holds = new HoldTimes()
  for (const heldMs of times) holds.note(heldMs)
  return holds
}

test("nothing is expected while nothing is known", () => {
  expect([noted().expectedMs(100, 2), noted().leastMs(100, 2)]).toEqual([0, 0])
})

test("a turn is expected after as many permits come back as there are ahead, and one more", () => {
  expect([0, 1, 9].map((ahead) => noted(100).expectedMs(ahead, 10))).toEqual([10, 20, 100])
})

test("the expectation follows what attempts take", () => {
  const holds = noted(...Array.from({ length: 50 }, () => 10), ...Array.from({ length: 50 }, () => 1000))
  expect(holds.expectedMs(0, 1)).toBeGreaterThan(900)
  expect(holds.expectedMs(0, 1)).toBeLessThan(1000)
})

test("the least wait takes every permit to come back at once, and the shortest time of late", () => {
  const holds = noted(500, 20, 300)
  expect([0, 9, 10, 25].map((ahead) => holds.leastMs(ahead, 10))).toEqual([0, 0, 20, 40])
})

test("a time that was short by luck is forgotten", () => {
  const holds = noted(1, ...Array.from({ length: 40 }, () => 200))
  expect(holds.leastMs(1, 1)).toBe(1)
  for (let i = 0; i < 30; i++) holds.note(200)
  expect(holds.leastMs(1, 1)).toBe(200)
})
