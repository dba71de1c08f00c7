import * as fc from "fast-check"
import { expect, test } from "vitest"
import { Picture } from "./picture.ts"
import type { CallStory } from "./story.ts"

function story(id: number, durationMs?: number): CallStory {
  const fields = { method: "GET", url: "https://api.test/", origin: "https://api.test", startedAt: id }
  return { id, ...fields, attemptCount: 0, attempts: [], remarks: [], durationMs }
}

const ids = (picture: Picture): number[] => picture.calls.map(({ id }) => id)

test("keeps the newest calls", () => {
  const picture = new Picture({ calls: 3 })
  for (const id of [1, 2, 3, 4, 5]) picture.put({ calls: [story(id, 1)] })
  expect(ids(picture)).toEqual([3, 4, 5])
})

test("keeps a call that is under way rather than one that has ended, and forgets one when all are under way", () => {
  const picture = new Picture({ calls: 2 })
  picture.put({ calls: [story(1), story(2, 1), story(3)] })
  expect(ids(picture)).toEqual([1, 3])
  picture.put({ calls: [story(4)] })
  expect(ids(picture)).toEqual([3, 4])
})

test("tells only what changed since a version, and all there is since 0", () => {
  const picture = new Picture()
  picture.put({ calls: [story(1, 1)] })
  const { version } = picture.since(0)
  picture.put({ calls: [story(2, 1)], keys: [picture.key("https://api.test")] })
  expect(picture.since(version).calls.map(({ id }) => id)).toEqual([2])
  expect(picture.since(version).keys.map(({ key }) => key)).toEqual(["https://api.test"])
  expect(picture.since(0).calls).toHaveLength(2)
  expect(picture.since(picture.version)).toMatchObject({ calls: [], seconds: [], keys: [] })
})

test("no call is under way for ever where the changes are applied, whichever were forgotten meanwhile", () => {
  const step = fc.record({ ends: fc.nat(5), asks: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const [here, there] = [new Picture({ calls: 3 }), new Picture({ calls: 3 })]
      let seen = 0
      const ask = (): void => {
        const told = here.since(seen)
        seen = told.version
        there.put(structuredClone(told))
      }
      for (const [id, { ends, asks }] of steps.entries()) {
        here.put({ calls: [story(id)] })
        const ended = here.calls.at(-ends)
        if (ends > 0 && ended !== undefined) here.put({ calls: [story(ended.id, 1)] })
        if (asks) ask()
      }
      ask()
      const underWay = (picture: Picture) => picture.calls.filter(({ durationMs }) => durationMs === undefined)
      expect(underWay(there)).toEqual(underWay(here))
    }),
  )
})

test("whoever applies the changes, whenever it asks, has the same picture, also where things were forgotten", () => {
  const change = fc.record({ id: fc.integer({ min: 1, max: 12 }), ended: fc.boolean(), asks: fc.boolean() })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const [here, there] = [new Picture({ seconds: 4 }), new Picture({ seconds: 4 })]
      let seen = 0
      const ask = (): void => {
        const told = here.since(seen)
        seen = told.version
        there.put(structuredClone(told))
      }
      for (const [index, { id, ended, asks }] of changes.entries()) {
        const second = { ...here.second(index), waits: id }
        here.put({ calls: [story(id, ended ? 1 : undefined)], seconds: [second] })
        if (asks) ask()
      }
      ask()
      expect([there.calls, there.seconds]).toEqual([here.calls, here.seconds])
    }),
  )
})
