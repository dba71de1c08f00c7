import * as fc from "fast-check"
import { expect, test } from "vitest"
import { Speed, timeLeftMs } from "./speed.ts"

/** The speed at a time, after these amounts at these times. */
function speedAfter(nowMs: number, ...samples: readonly (readonly [atMs: number, amount: number])[]) {
  const speed = new Speed()
  for (const [atMs, amount] of samples) speed.note(atMs, amount)
  return speed.perSecond(nowMs)
}

test("before there is half a second to tell it from, there is none", () => {
  expect(speedAfter(0)).toBeUndefined()
  expect(speedAfter(499, [0, 0], [400, 5000])).toBeUndefined()
  expect(speedAfter(500, [0, 0], [400, 5000])).toBe(10_000)
})

test("what was there at the beginning does not count", () => {
  expect(speedAfter(1000, [0, 1_000_000], [1000, 1_000_500])).toBe(500)
})

test("it is that of the last ten seconds", () => {
  const slow = Array.from({ length: 21 }, (_, second) => [second * 1000, second * 100] as const)
  const fast = Array.from({ length: 10 }, (_, second) => [(21 + second) * 1000, 2000 + (second + 1) * 1000] as const)
  expect(speedAfter(30_000, ...slow, ...fast)).toBeCloseTo(1000, 6)
})

test("it sinks while nothing comes, to nothing", () => {
  expect(speedAfter(2000, [0, 0], [1000, 1000])).toBe(500)
  expect(speedAfter(11_000, [0, 0], [1000, 1000])).toBe(0)
})

test("less than before is a new beginning", () => {
  expect(speedAfter(2000, [0, 0], [1000, 9000], [1000, 100], [2000, 600])).toBe(500)
})

test("sixty thousand samples tell the same as few", () => {
  const speed = new Speed()
  for (let atMs = 0; atMs <= 60_000; atMs++) speed.note(atMs, atMs * 7)
  expect(speed.perSecond(60_000)).toBeCloseTo(7000, 0)
})

test("a steady flow has its speed, however it is sampled", () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 2, maxLength: 200 })
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 1_000_000 }), (gaps, perMs) => {
      const speed = new Speed()
      let atMs = 0
      speed.note(0, 0)
      for (const gapMs of gaps) speed.note((atMs += gapMs), atMs * perMs)
      fc.pre(atMs >= 500)
      expect(speed.perSecond(atMs)).toBeCloseTo(perMs * 1000, 3)
    }),
  )
})

test("the time that is left is what is missing at this speed", () => {
  expect(timeLeftMs(400, 1000, 100)).toBe(6000)
  expect(timeLeftMs(1000, 1000, 100)).toBe(0)
  expect(timeLeftMs(1200, 1000, 100)).toBe(0)
})

test.each([
  ["the total is not known", undefined, 100],
  ["the speed is not known", 1000, undefined],
  ["nothing comes", 1000, 0],
])("nobody can tell the time that is left when %s", (_, total, perSecond) => {
  expect(timeLeftMs(400, total, perSecond)).toBeUndefined()
})

test("a shorter window follows sooner", () => {
  const speed = new Speed(2000)
  speed.note(0, 0)
  speed.note(4000, 4000)
  speed.note(5000, 4100)
  speed.note(6000, 4200)
  expect(speed.perSecond(6000)).toBe(100)
})
