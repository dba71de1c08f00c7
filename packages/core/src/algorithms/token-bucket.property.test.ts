import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { TokenBucket } from "./token-bucket.ts"

const rates = fc.double({ min: 0.1, max: 500, noNaN: true })
const gapsMs = fc.array(fc.double({ min: 0, max: 2000, noNaN: true }), { minLength: 1, maxLength: 200 })

describe("token bucket", () => {
  test("holds from nothing to its burst, and lets no more go in any time than burst + rate · time", () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 20 }), gapsMs, (perSecond, burst, gaps) => {
        const bucket = new TokenBucket(perSecond, burst, 0)
        const sent: number[] = []
        let now = 0
        for (const gapMs of gaps) {
          now += gapMs
          while (bucket.waitMs(now) <= 0) {
            bucket.take(now)
            sent.push(now)
          }
          const level = bucket.level(now)
          expect(level >= 0 && level <= burst).toBe(true)
        }
        // How much is sent until some instant, less what the rate has given by then, never rises by more than the burst.
        let least = 0
        for (const [index, at] of sent.entries()) {
          least = Math.min(least, index - (at * perSecond) / 1000)
          expect(index + 1 - (at * perSecond) / 1000 - least).toBeLessThanOrEqual(burst + 1e-6)
        }
      }),
    )
  })

  test("says when the so-manieth send may go", () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 50 }), (perSecond, sends) => {
        const waitMs = new TokenBucket(perSecond, 3, 0).waitMs(0, sends)
        expect(waitMs).toBeCloseTo((Math.max(0, sends - 3) * 1000) / perSecond, 6)
      }),
    )
  })

  test("an instant in the past adds nothing", () => {
    const bucket = new TokenBucket(10, 1, 1000)
    bucket.take(1000)
    expect([bucket.level(1000), bucket.level(0)]).toEqual([0, 0])
    bucket.adjust(500, 10, 5)
    expect(bucket.level(1100)).toBe(1)
  })
})
