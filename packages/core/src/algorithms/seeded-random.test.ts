import { expect, test } from "vitest"
import { seededRandom } from "./seeded-random.ts"

test.each([
  [0, [0.26642920868471265, 0.0003297457005828619, 0.2232720274478197]],
  [1, [0.6270739405881613, 0.002735721180215478, 0.5274470399599522]],
  [-7, [0.43306733411736786, 0.32539576734416187, 0.5442695003002882]],
])("seed %i gives Mulberry32's numbers", (seed, numbers) => {
  const random = seededRandom(seed)
  expect([random(), random(), random()]).toEqual(numbers)
})

test("of a seed its lowest 32 bits count", () => {
  expect(seededRandom(2 ** 32 + 1)()).toBe(seededRandom(1)())
  expect(seededRandom(2 ** 31 + 5)()).toBe(0.5801103678531945)
})
