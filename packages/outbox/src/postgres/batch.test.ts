import { expect, test } from "vitest"
import { Batch } from "./batch.ts"

/** A batch of texts that notes what is done in one go. */
function noting(most: number, run?: (items: readonly string[]) => Promise<readonly string[]>) {
  const goes: (readonly string[])[] = []
  const batch = new Batch<string, string>(
    most,
    (item) => item.length,
    (error) => error instanceof RangeError,
    async (items) => {
      goes.push(items)
      return run === undefined ? items.map((item) => item.toUpperCase()) : run(items)
    },
  )
  return { goes, batch }
}

test("what is asked for in one turn is done in one go, and each gets its own result", async () => {
  const { goes, batch } = noting(100)
  expect(await Promise.all([batch.do("a"), batch.do("b"), batch.do("c")])).toEqual(["A", "B", "C"])
  expect(goes).toEqual([["a", "b", "c"]])
})

test("what is asked for while a go is under way is the next one", async () => {
  const first = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const { goes, batch } = noting(100, async (items) => {
    begun.resolve()
    if (items[0] === "a") await first.promise
    return items
  })
  const a = batch.do("a")
  await begun.promise
  const rest = [batch.do("b"), batch.do("c")]
  first.resolve()
  expect(await Promise.all([a, ...rest])).toEqual(["a", "b", "c"])
  expect(goes).toEqual([["a"], ["b", "c"]])
})

test("a go is as heavy as is allowed at most, but never empty", async () => {
  const { goes, batch } = noting(3)
  await Promise.all(["a", "bb", "c", "dddd", "e"].map((item) => batch.do(item)))
  expect(goes).toEqual([["a", "bb"], ["c"], ["dddd"], ["e"]])
})

test("an error of one alone fails that one; the others are done without it", async () => {
  const { batch } = noting(100, async (items) => {
    if (items.includes("bad")) throw new RangeError("bad")
    return items
  })
  const ends = await Promise.allSettled(["a", "bad", "b"].map((item) => batch.do(item)))
  expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
})

test("any other error fails all of a go, and the next one is tried", async () => {
  let isBroken = true
  const { goes, batch } = noting(100, async (items) => {
    if (isBroken) throw new Error("away")
    return items
  })
  const ends = await Promise.allSettled([batch.do("a"), batch.do("b")])
  expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"])
  isBroken = false
  expect(await batch.do("c")).toBe("c")
  expect(goes).toEqual([["a", "b"], ["c"]])
})
