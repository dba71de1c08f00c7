import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { AcceptRatio, type AcceptRatioNumbers } from "./accept-ratio.ts"

const usual: AcceptRatioNumbers = { windowMs: 30_000, perAccept: 2, maxRejection: 0.9, minRequests: 20 }

function noted(accepted: number, refused: number, numbers: Partial<AcceptRatioNumbers> = {}): AcceptRatio {
  const ratio = new AcceptRatio({ ...usual, ...numbers })
  for (let count = 0; count < accepted; count++) ratio.note(true, 0)
  for (let count = 0; count < refused; count++) ratio.note(false, 0)
  return ratio
}

describe("the chance of a rejection", () => {
  test.each([
    [0, 0, 0],
    [100, 0, 0],
    [50, 50, 0],
    [49, 51, 2 / 101],
    [25, 75, 50 / 101],
    [10, 90, 80 / 101],
    [0, 100, 0.9],
  ])("with %i accepted and %i refused is %d", (accepted, refused, chance) => {
    expect(noted(accepted, refused).rejectionChance(0)).toBeCloseTo(chance, 10)
  })

  test("is stricter with a smaller K, and less so with a greater one", () => {
    const chances = [1, 1.5, 2, 3].map((perAccept) => noted(40, 60, { perAccept }).rejectionChance(0))
    expect(chances).toEqual([60 / 101, 40 / 101, 20 / 101, 0])
  })

  test("is 0 below the least volume, whatever failed", () => {
    expect([noted(0, 19).rejectionChance(0), noted(0, 20).rejectionChance(0)]).toEqual([0, 0.9])
  })

  test("is 0 again when the window has passed without a request", () => {
    const ratio = noted(0, 100)
    expect([ratio.rejectionChance(26_999), ratio.rejectionChance(30_000)]).toEqual([0.9, 0])
  })

  const history = fc.array(fc.record({ afterMs: fc.nat(2000), isAccepted: fc.boolean() }), { maxLength: 200 })

  test("lies between 0 and its bound, and never rejects while all is accepted", () => {
    fc.assert(
      fc.property(history, fc.double({ min: 0, max: 0.99, noNaN: true }), fc.nat(30), (steps, bound, minRequests) => {
        const mixed = new AcceptRatio({ ...usual, maxRejection: bound, minRequests })
        const well = new AcceptRatio({ ...usual, minRequests })
        let now = 0
        for (const { afterMs, isAccepted } of steps) {
          now += afterMs
          mixed.note(isAccepted, now)
          well.note(true, now)
          expect(mixed.rejectionChance(now)).toBeGreaterThanOrEqual(0)
          expect(mixed.rejectionChance(now)).toBeLessThanOrEqual(bound)
          expect(well.rejectionChance(now)).toBe(0)
        }
      }),
    )
  })
})

/** Sends at an even rate and rejects exactly the share that it should, luck aside. @returns When something was sent. */
function play(
  ratio: AcceptRatio,
  everyMs: number,
  [fromMs, untilMs]: readonly [number, number],
  accepts: (now: number) => boolean,
): readonly number[] {
  const sentAt: number[] = []
  let due = 0
  for (let now = fromMs; now < untilMs; now += everyMs) {
    due += ratio.rejectionChance(now)
    const isRejected = due >= 1
    if (isRejected) due--
    else sentAt.push(now)
    ratio.note(!isRejected && accepts(now), now)
  }
  return sentAt
}

test("a server that takes a tenth of the demand gets twice what it takes", () => {
  const taken = new Map<number, number>()
  const tenPerSecond = (now: number): boolean => {
    const second = Math.floor(now / 1000)
    taken.set(second, (taken.get(second) ?? 0) + 1)
    return (taken.get(second) ?? 0) <= 10
  }
  const sentAt = play(new AcceptRatio(usual), 10, [0, 180_000], tenPerSecond)
  const perSecond = sentAt.filter((at) => at >= 60_000).length / 120
  expect(perSecond).toBeGreaterThan(18)
  expect(perSecond).toBeLessThan(22)
})

test("a server that takes nothing gets a tenth of the demand, so that its recovery is noticed", () => {
  const sentAt = play(new AcceptRatio(usual), 100, [0, 60_000], () => false)
  expect(sentAt.filter((at) => at >= 30_000).length).toBe(30)
})

test("two windows after an outage nothing is rejected any more, at whatever rate and however long it was", () => {
  const rates = fc.integer({ min: 5, max: 1000 })
  fc.assert(
    fc.property(rates, fc.integer({ min: 1000, max: 300_000 }), (everyMs, outageMs) => {
      const ratio = new AcceptRatio(usual)
      const wellAgainMs = outageMs + 2 * usual.windowMs
      play(ratio, everyMs, [0, outageMs], () => false)
      play(ratio, everyMs, [outageMs, wellAgainMs], () => true)
      expect(ratio.rejectionChance(wellAgainMs)).toBe(0)
    }),
  )
})
