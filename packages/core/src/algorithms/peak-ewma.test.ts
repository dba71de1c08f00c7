import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { PeakEwma } from "./peak-ewma.ts"

describe("the moving average", () => {
  test("rises to a peak at once, and comes down slowly", () => {
    const latency = new PeakEwma()
    latency.note(10, 0)
    latency.note(500, 100)
    expect(latency.at(100)).toBe(500)
    latency.note(10, 1100)
    expect(latency.at(1100)).toBeCloseTo(500 * Math.exp(-0.1) + 10 * (1 - Math.exp(-0.1)), 9)
  })

  test("falls to a third in ten seconds without a measurement", () => {
    const latency = new PeakEwma()
    latency.note(900, 0)
    expect(latency.at(10_000)).toBeCloseTo(900 / Math.E, 9)
  })

  test("takes a lower bound for what it is", () => {
    const latency = new PeakEwma()
    latency.note(100, 0)
    latency.noteAtLeast(1, 0)
    expect(latency.at(0)).toBe(100)
    latency.noteAtLeast(300, 0)
    expect(latency.at(0)).toBe(300)
  })

  test("is stale before the first measurement and ten seconds after the last", () => {
    const latency = new PeakEwma()
    expect([latency.isStale(0), latency.at(0)]).toEqual([true, 0])
    latency.note(5, 0)
    expect([latency.isStale(10_000), latency.isStale(10_001)]).toEqual([false, true])
  })

  test("lies between the shortest and the longest duration, whatever is measured when", () => {
    const measured = fc.array(fc.tuple(fc.nat(10_000), fc.nat(60_000)), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(measured, (list) => {
        const latency = new PeakEwma()
        let nowMs = 0
        for (const [tookMs, gapMs] of list) latency.note(tookMs, (nowMs += gapMs))
        expect(latency.at(nowMs)).toBeGreaterThanOrEqual(Math.min(...list.map(([tookMs]) => tookMs)))
        expect(latency.at(nowMs)).toBeLessThanOrEqual(Math.max(...list.map(([tookMs]) => tookMs)))
      }),
    )
  })
})
