import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { SlidingCounts } from "./sliding-counts.ts"

describe("counts within a sliding window", () => {
  test("are kept apart by kind", () => {
    const counts = new SlidingCounts(1000, 2)
    counts.add(0, 0)
    counts.add(0, 10)
    counts.add(1, 20)
    expect([counts.count(0, 20), counts.count(1, 20)]).toEqual([2, 1])
  })

  test("hold what is younger than nine tenths of the window, and nothing older than all of it", () => {
    const counts = new SlidingCounts(1000, 1)
    counts.add(0, 99)
    expect([999, 1000].map((at) => counts.count(0, at))).toEqual([1, 0])
    counts.add(0, 1000)
    expect([1900, 1999, 2000].map((at) => counts.count(0, at))).toEqual([1, 1, 0])
  })

  test("are all gone after a long idle time, at the first look", () => {
    const counts = new SlidingCounts(1000, 1)
    for (let at = 0; at < 1000; at += 10) counts.add(0, at)
    expect([counts.count(0, 999), counts.count(0, 600_000)]).toEqual([100, 0])
  })

  test("are forgotten when they are cleared, and counted anew from there", () => {
    const counts = new SlidingCounts(1000, 2)
    counts.add(0, 0)
    counts.add(1, 500)
    counts.clear()
    counts.add(1, 550)
    expect([counts.count(0, 600), counts.count(1, 600), counts.count(1, 1600)]).toEqual([0, 1, 0])
  })

  test("agree with a list of all events, at any time", () => {
    const step = fc.record({ afterMs: fc.oneof(fc.nat(300), fc.nat(5000)), kind: fc.nat(2) })
    const windows = fc.constantFrom(1, 7, 100, 1000, 10_000)
    fc.assert(
      fc.property(windows, fc.array(step, { maxLength: 100 }), (windowMs, steps) => {
        const counts = new SlidingCounts(windowMs, 3)
        const events: { at: number; kind: number }[] = []
        let now = 0
        for (const { afterMs, kind } of steps) {
          now += afterMs
          counts.add(kind, now)
          events.push({ at: now, kind })
          for (const asked of [0, 1, 2]) {
            const within = (ageMs: number): number =>
              events.filter((event) => event.kind === asked && now - event.at < ageMs).length
            expect(counts.count(asked, now)).toBeGreaterThanOrEqual(within(windowMs * 0.9))
            expect(counts.count(asked, now)).toBeLessThanOrEqual(within(windowMs))
          }
        }
      }),
    )
  })
})
