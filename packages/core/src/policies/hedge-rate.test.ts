import { testRuntime, virtualClock } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { lowLatency, type LowLatencyOptions } from "../index.ts"
import { hedgeExperiment, type HedgeFigures } from "./hedge-experiment.ts"

function measured(
  stragglers: number,
  calls: number,
  hedge: LowLatencyOptions["hedge"] = {},
  seed = 1,
): Promise<HedgeFigures> {
  const clock = virtualClock({ settles: "promises" })
  const runtime = testRuntime({ clock, seed })
  return clock.runUntil(hedgeExperiment({ policies: lowLatency({ hedge }), runtime, calls, stragglers }))
}

describe("hedging at the 95th percentile adds about 5 % of requests, whatever the latencies are like", () => {
  test.each([0, 0.02, 0.05, 0.06])("with a share of stragglers of %d", async (stragglers) => {
    const { extraLoad, failures } = await measured(stragglers, 20_000)
    expect([extraLoad > 4, extraLoad < 5.3, failures]).toEqual([true, true, 0])
  })
})

describe("hedging where 5 % of attempts take ten times as long", () => {
  // Knowing the distribution, the best delay gives a p99 of 17.0 ms at 7.0 % (10.16 ms), and of 15.9 ms at 8.9 %.
  test.each([
    [93, 7.0, 17.0],
    [91.1, 8.9, 15.9],
  ])("at the percentile %d comes close to the best that a single hedge can do", async (percentile, load, bestMs) => {
    const { extraLoad, p99Ms } = await measured(0.05, 50_000, { percentile })
    expect(Math.abs(extraLoad - load)).toBeLessThan(0.15)
    expect(p99Ms).toBeLessThan(bestMs * 1.03)
  })

  test("without hedges waits for the stragglers", async () => {
    expect((await measured(0.05, 20_000, { afterMs: 1e9 })).p99Ms).toBeGreaterThan(60)
  })
})
