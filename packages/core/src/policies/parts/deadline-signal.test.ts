import { virtualClock } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { ABORTED, untilAborted } from "../../cancellation.ts"
import { DeadlineSignal } from "./deadline-signal.ts"

describe("a deadline's signal", () => {
  test("has a timer, and a listener at the caller's signal, only while someone listens to it", () => {
    const clock = virtualClock()
    const caller = new AbortController()
    const signal = new DeadlineSignal(caller.signal, clock, 1000)
    const heard: unknown[] = []
    const listener = (): void => void heard.push(signal.reason)
    expect(clock.pending).toBe(0)
    signal.addEventListener("abort", listener)
    expect(clock.pending).toBe(1)
    signal.removeEventListener("abort", listener)
    expect(clock.pending).toBe(0)
    caller.abort("enough")
    expect([heard, signal.aborted, signal.reason]).toEqual([[], true, "enough"])
  })

  test.each(["caller", "deadline"])("fires once, when the %s comes first", async (first) => {
    const clock = virtualClock()
    const caller = new AbortController()
    const signal = new DeadlineSignal(caller.signal, clock, 1000)
    const heard: unknown[] = []
    signal.addEventListener("abort", () => heard.push(signal.reason === "caller" ? "caller" : "deadline"))
    if (first === "caller") caller.abort("caller")
    await clock.advance(1000)
    caller.abort("late")
    expect([heard, clock.pending]).toEqual([[first], 0])
  })

  test("counts as fired from its instant on, heard or not", async () => {
    const clock = virtualClock()
    const signal = new DeadlineSignal(undefined, clock, 1000)
    await clock.advance(999)
    expect([signal.aborted, signal.reason]).toEqual([false, undefined])
    await clock.advance(1)
    expect([signal.aborted, signal.reason]).toEqual([true, signal.expired()])
  })

  test("stays a deadline's when the caller aborts later", async () => {
    const clock = virtualClock()
    const caller = new AbortController()
    const signal = new DeadlineSignal(caller.signal, clock, 1000)
    signal.addEventListener("abort", () => {})
    await clock.advance(1000)
    caller.abort("late")
    expect(signal.reason).toBe(signal.expired())
  })

  test("counts as fired once its timer has run, be it a little early", async () => {
    const clock = virtualClock()
    const signal = new DeadlineSignal(undefined, { ...clock, now: () => 0, after: (delayMs, run) => clock.after(delayMs - 1, run) }, 1000) // prettier-ignore
    signal.addEventListener("abort", () => {})
    await clock.advance(999)
    expect([signal.aborted, signal.reason]).toEqual([true, signal.expired()])
  })

  test("does not lose a listener to one that it never had", () => {
    const clock = virtualClock()
    const signal = new DeadlineSignal(undefined, clock, 1000)
    signal.addEventListener("abort", () => {})
    const stranger = (): void => {}
    signal.removeEventListener("abort", stranger)
    expect(clock.pending).toBe(1)
  })
})

test("work that ends when the deadline has come, but told nobody yet, is given up and not waited for", async () => {
  const clock = virtualClock()
  let now = 0
  const signal = new DeadlineSignal(undefined, { ...clock, now: () => now, after: () => () => {} }, 1000)
  const late: string[] = []
  const work = Promise.withResolvers<string>()
  const ended = untilAborted(work.promise, signal, (value) => late.push(value))
  now = 1000
  work.resolve("too late")
  expect(await ended).toBe(ABORTED)
  expect(late).toEqual(["too late"])
})
