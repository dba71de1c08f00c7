import { expect, test } from "vitest"
import { DeliveryRate } from "./delivery-rate.ts"

test("a rate is not known before a minute has passed", () => {
  const rate = new DeliveryRate()
  rate.restart(0)
  for (let now = 0; now < 59_000; now += 1000) rate.count(now)
  expect(rate.perSecond(59_999)).toBeUndefined()
  expect(rate.perSecond(60_000)).toBeCloseTo(59 / 60)
})

test.each([0.1, 1, 7])("%d per second is measured as such, over at most half an hour", (perSecond) => {
  const rate = new DeliveryRate()
  rate.restart(5000)
  for (let now = 5000; now < 7_200_000; now += 1000 / perSecond) rate.count(now)
  expect(rate.perSecond(7_200_000)).toBeGreaterThan(perSecond * 0.97)
  expect(rate.perSecond(7_200_000)).toBeLessThan(perSecond * 1.03)
})

test("what happened more than half an hour ago is forgotten", () => {
  const rate = new DeliveryRate()
  for (let now = 0; now < 600_000; now += 100) rate.count(now)
  expect(rate.perSecond(3_000_000)).toBe(0)
})

test("it begins anew when it is told to", () => {
  const rate = new DeliveryRate()
  for (let now = 0; now < 600_000; now += 100) rate.count(now)
  rate.restart(600_000)
  expect(rate.perSecond(601_000)).toBeUndefined()
  for (let now = 600_000; now < 720_000; now += 1000) rate.count(now)
  expect(rate.perSecond(720_000)).toBeCloseTo(1)
})
