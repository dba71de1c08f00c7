import * as fc from "fast-check"
import { expect, test } from "vitest"
import { Headway } from "./headway.ts"

function tried(...tries: readonly (number | "lose")[]): number {
  const headway = new Headway()
  let at = 0
  for (const to of tries) {
    headway.begin(at)
    if (to === "lose") headway.lose()
    else headway.end((at = to))
  }
  return headway.idleTries
}

test.each<[string, (number | "lose")[], number]>([
  ["no try is idle", [], 0],
  ["each one that brings something new is progress", [1, 2, 3], 0],
  ["one that brings nothing is idle", [1, 1, 1], 2],
  ["the next that brings something new ends that", [1, 1, 1, 2], 0],
  ["the first may bring nothing, too", [0, 0], 2],
])("%s", (_, tries, idle) => {
  expect(tried(...tries)).toBe(idle)
})

test("what begins anew gets on without being idle, but is forgiven only when it comes further than ever", () => {
  const headway = new Headway()
  headway.end(5)
  headway.begin(5)
  headway.lose()
  headway.end(3)
  expect(headway.idleTries).toBe(1)
  headway.begin(3)
  headway.end(5)
  expect(headway.idleTries).toBe(1)
  headway.begin(5)
  headway.end(6)
  expect(headway.idleTries).toBe(0)
})

test("there is an end to tries at something of finite length", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ loses: fc.boolean(), brings: fc.nat(3) }), { minLength: 400, maxLength: 400 }),
      (tries) => {
        const headway = new Headway()
        let [at, most] = [0, 0]
        for (const { loses, brings } of tries) {
          headway.begin(at)
          if (loses && at > 0) {
            headway.lose()
            at = 0
          }
          at = Math.min(at + brings, 50)
          headway.end(at)
          most = Math.max(most, headway.idleTries)
        }
        expect(most).toBeGreaterThanOrEqual(5)
      },
    ),
  )
})
