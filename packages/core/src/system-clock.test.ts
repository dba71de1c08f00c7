import { expect, test } from "vitest"
import { systemClock } from "./system-clock.ts"

test("no timer fires before its time, by the clock's own reckoning", async () => {
  const delaysMs = Array.from({ length: 200 }, (_, index) => 1 + index * 0.07)
  const early = await Promise.all(
    delaysMs.map(
      (delayMs) =>
        new Promise<number>((resolve) => {
          const dueAt = systemClock.now() + delayMs
          systemClock.after(delayMs, () => resolve(dueAt - systemClock.now()))
        }),
    ),
  )
  expect(Math.max(...early)).toBeLessThanOrEqual(0)
})
