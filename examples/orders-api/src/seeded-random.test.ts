import { expect, test } from "vitest"
import { seededRandom } from "./seeded-random.ts"

const draw = (seed: number, count: number) => Array.from({ length: count }, seededRandom(seed))

test("the same seed gives the same numbers, another seed others", () => {
  expect(draw(7, 5)).toEqual(draw(7, 5))
  expect(draw(7, 5)).not.toEqual(draw(8, 5))
})

test("the numbers fill the range from 0 to 1 evenly", () => {
  const numbers = draw(1, 10_000)
  const tenths = Array.from({ length: 10 }, (_, tenth) => numbers.filter((n) => Math.floor(n * 10) === tenth).length)
  for (const count of tenths) expect(count).toBeGreaterThan(850)
})
