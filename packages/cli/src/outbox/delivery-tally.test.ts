import { virtualClock } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { plain } from "../paint.ts"
import { DeliveryTally } from "./delivery-tally.ts"

test("the line tells what waits and what was done, as far as there is room, and the summary all that was done", async () => {
  const clock = virtualClock()
  const tally = new DeliveryTally(clock)
  expect(tally.line(80, plain)).toBe("")
  expect(tally.summary(plain)).toBe("in 0 ms: nothing was due")
  tally.noteStates({ waiting: 40, sending: 8, delivered: 2, rejected: 1, expired: 0, discarded: 0 })
  for (const kind of ["delivered", "delivered", "rejected", "retrying"] as const) tally.count(kind)
  await clock.advance(65_400)
  expect(tally.line(80, plain)).toBe("40 waiting  8 being sent  2 delivered  1 rejected  1 put off  1 min 5 s")
  expect(tally.line(30, plain)).toBe("40 waiting  8 being sent")
  expect(tally.summary(plain)).toBe("in 1 min 5 s: 2 delivered, 1 rejected, 1 put off")
})
