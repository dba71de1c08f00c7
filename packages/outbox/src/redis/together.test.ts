import { expect, test } from "vitest"
import { Together } from "./together.ts"

/** Steps that are noted, each end ten times its item. */
function noted(most: number, fails: (items: readonly number[]) => boolean = () => false) {
  const steps: (readonly number[])[] = []
  const together = new Together<number, number>(
    most,
    (item) => item,
    async (items) => {
      steps.push(items)
      if (fails(items)) throw new Error("full")
      return items.map((item) => item * 10)
    },
  )
  return { steps, together }
}

test("what is asked for at the same time is one step, and each caller gets its own end", async () => {
  const { steps, together } = noted(100)
  const later = Promise.resolve().then(() => together.do(3))
  expect(await Promise.all([together.do(1), together.do(2), later])).toEqual([10, 20, 30])
  expect(steps).toEqual([[1, 2, 3]])
  expect(await together.do(4)).toBe(40)
  expect(steps).toEqual([[1, 2, 3], [4]])
})

test("a step is no larger than allowed, but for an item that is larger by itself", async () => {
  const { steps, together } = noted(5)
  await Promise.all([2, 3, 1, 9, 4, 1].map((item) => together.do(item)))
  expect(steps).toEqual([[2, 3], [1], [9], [4, 1]])
})

test("a step that fails fails for those in it, and no others", async () => {
  const { together } = noted(3, (items) => items.includes(2))
  const ends = await Promise.allSettled([1, 2, 3].map((item) => together.do(item)))
  expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"])
})
