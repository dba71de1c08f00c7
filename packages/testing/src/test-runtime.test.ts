import { expect, test } from "vitest"
import { seededRandom } from "steadfetch"
import { sequentialIds, testRuntime } from "./test-runtime.ts"

const draw = (random: () => number, count: number): number[] => Array.from({ length: count }, () => random())

test("the same seed gives the same numbers, another seed gives others", () => {
  expect(draw(seededRandom(7), 5)).toEqual(draw(seededRandom(7), 5))
  expect(draw(seededRandom(7), 5)).not.toEqual(draw(seededRandom(8), 5))
  expect(draw(seededRandom(1), 2)).toEqual([0.6270739405881613, 0.002735721180215478])
})

test("random numbers lie from 0 up to but not including 1, spread evenly", () => {
  const numbers = draw(seededRandom(3), 10_000)
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
  const tenths = Array.from({ length: 10 }, (_, tenth) => numbers.filter((n) => Math.floor(n * 10) === tenth).length)
  for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150)
})

test("ids count, each source by itself", () => {
  const [ids, keys] = [sequentialIds(), sequentialIds("key")]
  expect([ids(), ids(), keys()]).toEqual(["id-1", "id-2", "key-1"])
})

test("a runtime is complete, repeatable and hears events", () => {
  const heard: string[] = []
  const runtime = testRuntime({
    seed: 5,
    pageOrigin: "https://page.test",
    on: { waiting: ({ why }) => heard.push(why) },
  })
  expect(runtime.random()).toBe(testRuntime({ seed: 5 }).random())
  expect([runtime.uniqueId(), runtime.clock.now(), runtime.pageOrigin]).toEqual(["id-1", 0, "https://page.test"])
  expect([runtime.events.heard("waiting"), runtime.events.heard("call-ended")]).toEqual([true, false])
})
