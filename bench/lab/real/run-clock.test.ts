import { virtualClock } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { runClock } from "./run-clock.ts"

test("a run begins at 0, whenever that is", async () => {
  const clock = virtualClock({ startDate: 1_000_000 })
  await clock.advance(500)
  const run = runClock(clock)
  expect(run.now()).toBe(0)
  expect(run.startDate).toBe(1_000_500)
  await clock.advance(20)
  expect(run.now()).toBe(20)
})

test("a timer that runs in time is not late; one that was due before it could be set is, by what it missed", async () => {
  const clock = virtualClock()
  const run = runClock(clock)
  run.after(10, () => run.after(-4, () => {}))
  await clock.advance(20)
  expect(run.lateMs).toEqual([0, 4])
})

test("a timer that is called off is not late", async () => {
  const clock = virtualClock()
  const run = runClock(clock)
  run.after(10, () => {})()
  await clock.advance(20)
  expect(run.lateMs).toEqual([])
})
