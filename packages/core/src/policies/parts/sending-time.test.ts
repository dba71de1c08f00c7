import { virtualClock } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { SendingTime } from "./sending-time.ts"

test("the first sending counts, and whoever keeps time further out is told of everything", async () => {
  const clock = virtualClock()
  const told: string[] = []
  const outer = { sending: () => told.push("sending"), waiting: () => told.push("waiting"), arrived: () => told.push("arrived") } // prettier-ignore
  const sent = new SendingTime(clock, outer, () => told.push("first"))
  expect(sent.at).toBeUndefined()
  await clock.advance(5)
  sent.sending()
  await clock.advance(5)
  sent.sending()
  sent.waiting()
  sent.arrived()
  expect(sent.at).toBe(5)
  expect(told).toEqual(["first", "sending", "sending", "waiting", "arrived"])
})

test("it keeps time for itself where nobody else does", () => {
  const sent = new SendingTime(virtualClock(), undefined)
  sent.sending()
  sent.waiting()
  sent.arrived()
  expect(sent.at).toBe(0)
})
