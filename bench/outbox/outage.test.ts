import { expect, test } from "vitest"
import { SIX_HOURS } from "./plans.ts"
import { playOutage } from "./outage.ts"

test("an outage of six hours with ten thousand entries ends without a rush, and all are delivered", async () => {
  const figures = await playOutage(SIX_HOURS)
  expect(figures.addedInOutage).toBe(10_000)
  expect(figures.delivered).toBe(figures.added)
  expect(figures.expired).toBe(0)
  // While the API is down it gets no more than a probe a minute and a bit.
  expect(figures.during).toBeLessThan(figures.before * 0.03)
  expect(figures.after).toBeLessThanOrEqual(figures.before * 1.2)
  expect(figures.afterMinute).toBeLessThanOrEqual(figures.before * 1.2)
  // It does drain, and those who waited were not worn out by it.
  expect(figures.drainedHours).toBeLessThan(2)
  expect(figures.meanTries).toBeLessThan(1.1)
}, 600_000)
