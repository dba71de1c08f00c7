import { virtualClock } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { plain } from "../paint.ts"
import { outcomeOf } from "../test-outcomes.ts"
import { liveLine } from "./live-line.ts"
import { Load, type LoadPlan } from "./load.ts"
import { Tally } from "./tally.ts"

/** A load of which so many calls have ended, each in 20 ms. */
async function underWay(given: Partial<LoadPlan>, done: number) {
  const clock = virtualClock({ settles: "promises" })
  const plan: LoadPlan = { concurrency: 1, perSecond: undefined, durationMs: undefined, calls: undefined, ...given }
  const tally = new Tally(clock)
  const [success, retried, refused] = await Promise.all([
    outcomeOf({ status: 200 }),
    outcomeOf("reset", { status: 200 }),
    outcomeOf({ status: 404 }),
  ])
  const outcomes = [success, success, success, retried, refused]
  const load = new Load(plan, clock, async (start) => {
    await new Promise<void>((resolve) => void clock.after(20, resolve))
    tally.ended(start, outcomes[tally.calls % outcomes.length] ?? success)
  })
  const controller = new AbortController()
  void load.run(controller.signal)
  await clock.advance(done * 20)
  return { clock, load, line: (columns: number) => liveLine(plan, tally, load, columns, plain), controller }
}

test("it tells how far it is, how fast, how long calls take, how they ended, and what is left", async () => {
  const { line } = await underWay({ durationMs: 10_000 }, 100)
  expect(line(130)).toBe(
    "[=====>                        ]   20 %  50/s  p50 20.0 ms  p99 20.0 ms  60 ok  20 retried  20 4xx  8 s left",
  )
  expect(line(50)).toBe(" 20 %  50/s  p50 20.0 ms  p99 20.0 ms  8 s left")
  expect(line(24)).toBe(" 20 %  50/s  8 s left")
})

test("a number of calls is counted down by how fast they end", async () => {
  const { line } = await underWay({ calls: 400 }, 100)
  expect(line(130)).toContain("   25 %  50/s")
  expect(line(130)).toMatch(/6 s left$/)
})

test("at the beginning there is nothing but the time", async () => {
  const { line } = await underWay({ durationMs: 10_000 }, 0)
  expect(line(60)).toBe("[                              ]    0 %  10 s left")
})

test("a pause is told, and the wait for the last ones", async () => {
  const { line, load, clock, controller } = await underWay({ durationMs: 100_000 }, 100)
  load.pause(30_000)
  expect(line(130)).toMatch(/ {2}paused by the server, 30 s left$/)
  await clock.advance(30_001)
  controller.abort()
  expect(line(130)).toMatch(/ {2}waits for 1 under way$/)
})
