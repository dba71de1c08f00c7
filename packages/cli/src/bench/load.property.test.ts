import { seededRandom, virtualClock } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { Load } from "./load.ts"

const never = new AbortController().signal

test("never more calls are under way than allowed, each begins once, and none before it is due or during a pause", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        concurrency: fc.integer({ min: 1, max: 20 }),
        perSecond: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
        extent: fc.oneof(
          fc.record({ durationMs: fc.integer({ min: 1, max: 500 }), calls: fc.constant(undefined) }),
          fc.record({ durationMs: fc.constant(undefined), calls: fc.integer({ min: 1, max: 60 }) }),
        ),
        longestMs: fc.integer({ min: 1, max: 300 }),
        pauses: fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 400 }), pauseMs: fc.integer({ min: 0, max: 200 }) }), { maxLength: 3 }), // prettier-ignore
        seed: fc.integer(),
      }),
      async ({ concurrency, perSecond, extent, longestMs, pauses, seed }) => {
        const clock = virtualClock({ settles: "promises" })
        const random = seededRandom(seed)
        let underWay = 0
        let most = 0
        let begun = 0
        let inPause = 0
        const load = new Load({ concurrency, perSecond, ...extent }, clock, async ({ countsFrom }) => {
          begun++
          most = Math.max(most, ++underWay)
          if (load.pauseLeftMs > 0) inPause++
          expect(countsFrom).toBeLessThanOrEqual(clock.now())
          await new Promise<void>((resolve) => void clock.after(random() * longestMs, resolve))
          underWay--
        })
        const done = load.run(never)
        for (const { afterMs, pauseMs } of pauses) clock.after(afterMs, () => load.pause(pauseMs))
        const end = await clock.runUntil(done)
        expect(most).toBeLessThanOrEqual(concurrency)
        expect([underWay, load.underWay, inPause]).toEqual([0, 0, 0])
        const all = begun + load.missed
        const { calls, durationMs } = extent
        const scheduled = perSecond === undefined ? undefined : (((durationMs ?? 0) - load.pausedMs) * perSecond) / 1000
        const wanted = end === "complete" ? (calls ?? scheduled ?? all) : all
        // Of a time, the first arrival is at its beginning.
        expect(Math.abs(all - wanted)).toBeLessThanOrEqual(calls === undefined ? 1 : 0)
      },
    ),
    { numRuns: 200 },
  )
})
