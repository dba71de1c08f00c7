import { virtualClock } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { repeated, type ReplayedCall } from "./request.ts"
import { scheduled } from "./schedule.ts"
import { recordedCall } from "./test-recording.ts"

const plan = { unsafe: false, to: undefined, withCredentials: false, givenFields: new Set<string>() }
const calls = [5000, 5000, 6000, 9000].map((startedAt) => repeated(recordedCall({ startedAt }), plan) as ReplayedCall)

/** When each call came, in milliseconds. */
async function times(speed: number | undefined): Promise<number[]> {
  const clock = virtualClock()
  const seen: number[] = []
  const reading = (async () => {
    for await (const _ of scheduled(calls, speed, clock, new AbortController().signal)) seen.push(clock.now())
  })()
  await clock.runUntil(reading)
  return seen
}

test("calls come at the recorded intervals, or as many times as fast, or at once", async () => {
  expect(await times(1)).toEqual([0, 0, 1000, 4000])
  expect(await times(2)).toEqual([0, 0, 500, 2000])
  expect(await times(undefined)).toEqual([0, 0, 0, 0])
})

test("a call that is asked for late does not delay those after it", async () => {
  const clock = virtualClock()
  const schedule = scheduled(calls, 1, clock, new AbortController().signal)
  await schedule.next()
  await clock.advance(3900)
  await schedule.next()
  await schedule.next()
  const last = schedule.next()
  await clock.runUntil(last)
  expect(clock.now()).toBe(4000)
})

test("when the signal fires it ends, and leaves no timer", async () => {
  const clock = virtualClock()
  const stop = new AbortController()
  const schedule = scheduled(calls.slice(1), 1, clock, stop.signal)
  await schedule.next()
  const waiting = schedule.next()
  await clock.advance(10)
  stop.abort()
  expect(await waiting).toEqual({ done: true, value: undefined })
  expect(clock.pending).toBe(0)
  expect(await scheduled(calls, undefined, clock, stop.signal).next()).toMatchObject({ done: true })
})
