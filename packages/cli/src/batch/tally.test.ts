import { virtualClock } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { plain, type Paint } from "../paint.ts"
import { Tally } from "./tally.ts"

test("it tells how many are done, how they ended, how fast it goes, and what is left", async () => {
  const clock = virtualClock()
  const tally = new Tally(clock, 1000)
  await clock.advance(10_000)
  for (let count = 0; count < 418; count++) tally.count("success")
  for (let count = 0; count < 2; count++) tally.count("client-error")
  expect(tally.line(110, plain)).toBe(
    "[===========>                  ]   42 %  420 of 1000  418 success  2 client-error  42/s  14 s left",
  )
  expect(tally.line(24, plain)).toBe(" 42 %  420 of 1000")
  expect(tally.isSuccess).toBe(false)
})

test("at the beginning there is neither a speed nor a count", () => {
  expect(new Tally(virtualClock(), 3).line(40, plain)).toBe("[                       ]    0 %  0 of 3")
})

test("the summary has each kind of end in its colour", async () => {
  const clock = virtualClock()
  const tally = new Tally(clock, 3)
  const paint: Paint = (style, text) => `<${style}>${text}</>`
  await clock.advance(2000)
  tally.count("no-reply")
  tally.count("success")
  tally.count("not-sent")
  expect(tally.summary(paint)).toBe("3 calls in 2 s: <green>1 success</>, <red>1 no-reply</>, <dim>1 not-sent</>")
})

test("it is a success when each call was one", () => {
  const tally = new Tally(virtualClock(), 1)
  expect(tally.isSuccess).toBe(false)
  tally.count("success")
  expect(tally.isSuccess).toBe(true)
  expect(tally.summary(plain)).toBe("1 call in 0 ms: 1 success")
})
