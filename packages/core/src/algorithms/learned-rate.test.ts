import { describe, expect, test } from "vitest"
import { LearnedRate } from "./learned-rate.ts"

/** Sends at these instants, each served at once. */
function serve(rate: LearnedRate, instants: readonly number[]): void {
  for (const at of instants) {
    rate.take(at)
    rate.accepted(at, at)
  }
}

const evenly = (fromMs: number, count: number, gapMs: number): number[] =>
  Array.from({ length: count }, (_, index) => fromMs + index * gapMs)

/** Refused at 1000, after twenty a second: closed from then on. */
function closed(): LearnedRate {
  const rate = new LearnedRate()
  serve(rate, evenly(0, 20, 50))
  rate.take(1000)
  expect(rate.throttled(1000, 1000, 0)).toBe(true)
  return rate
}

/** Lets as many go as are let, each served 1 ms later, until this instant. */
function saturate(rate: LearnedRate, fromMs: number, untilMs: number): number {
  let now = fromMs
  for (;;) {
    now += Math.max(rate.waitMs(now), 0.001)
    if (now >= untilMs) return now
    rate.take(now)
    rate.accepted(now, now)
  }
}

describe("the first refusal", () => {
  test("closes the gate; the rate is what was served lately", () => {
    expect(closed().perSecond).toBe(20)
  })

  test("presumes five a second where less was served", () => {
    const rate = new LearnedRate()
    rate.take(0)
    expect(rate.throttled(10, 0, 0)).toBe(true)
    expect(rate.perSecond).toBe(5)
  })

  test("is followed by a probe after the time of two sends; the others wait behind it", () => {
    expect([1, 2, 3].map((sends) => closed().waitMs(1000, sends))).toEqual([100, 150, 200])
    expect(closed().waitMs(1040)).toBe(60)
    expect(closed().waitMs(9999)).toBe(0)
  })

  test("lets the probe wait as long as the server asked, or its reply took", () => {
    const rate = new LearnedRate()
    rate.take(0)
    rate.throttled(10, 0, 3000)
    expect(rate.waitMs(10)).toBe(3000)
    const slow = new LearnedRate()
    slow.take(0)
    slow.throttled(900, 0, 0)
    expect(slow.waitMs(900)).toBe(900)
  })
})

describe("a closed gate", () => {
  test("lets one probe go at a time: the next waits as long again", () => {
    const rate = closed()
    rate.take(1100)
    expect(rate.waitMs(1100)).toBe(100)
  })

  test("is asked less and less often while probes are refused: a fifth of the time since it closed", () => {
    const rate = closed()
    const waits = [1100, 3000, 21_000].map((now) => {
      rate.take(now)
      expect(rate.throttled(now, now, 0)).toBe(false)
      return rate.waitMs(now)
    })
    expect(waits).toEqual([100, 400, 4000])
  })

  test("never asks sooner because of a later refusal that names less time", () => {
    const rate = closed()
    rate.throttled(1000, 1000, 5000)
    rate.throttled(1010, 1000, 0)
    expect(rate.waitMs(1010)).toBe(4990)
  })

  test("is not opened by what was sent before it closed", () => {
    const rate = closed()
    expect(rate.accepted(1050, 999)).toBe(false)
    expect(rate.accepted(1050, 1000)).toBe(true)
    expect(rate.accepted(1060, 1060)).toBe(false)
  })
})

describe("an opened gate", () => {
  function opened(): LearnedRate {
    const rate = closed()
    rate.take(1100)
    expect(rate.accepted(1100, 1100)).toBe(true)
    return rate
  }

  test("begins 30 % below a guess, with an empty bucket", () => {
    const rate = opened()
    expect(rate.perSecond).toBeCloseTo(14)
    expect(rate.waitMs(1100)).toBeCloseTo(1000 / 14)
    expect(rate.waitMs(1100, 3)).toBeCloseTo(3000 / 14)
  })

  test("rises to the guess within three seconds, is flat there, and then rises faster and faster", () => {
    const rate = opened()
    const seen = [2600, 4100, 5600, 7100].map((untilMs) => {
      saturate(rate, untilMs - 1500, untilMs)
      return rate.perSecond / 20
    })
    const [half = 0, whole = 0, beyond = 0, twice = 0] = seen
    expect(half).toBeCloseTo(1 - 0.3 / 8, 1)
    expect(whole).toBeCloseTo(1, 2)
    expect(beyond).toBeCloseTo(1 + 0.3 / 8, 1)
    expect(twice).toBeGreaterThan(1.2)
  })

  test("does not rise while it holds nothing back", () => {
    const rate = opened()
    serve(rate, evenly(2000, 30, 1000))
    expect(rate.perSecond).toBeCloseTo(14)
  })

  test("is forgotten after ten minutes without a refusal, unless it holds back", () => {
    const rate = opened()
    rate.take(601_000)
    expect(rate.perSecond).toBeCloseTo(14)
    const unused = opened()
    unused.take(601_001)
    expect(unused.perSecond).toBe(Number.POSITIVE_INFINITY)
    expect(unused.waitMs(601_001, 1000)).toBe(0)
  })

  test("lets what falls due within 20 ms go together", () => {
    const rate = new LearnedRate()
    serve(rate, evenly(0, 1000, 1))
    rate.take(1000)
    rate.throttled(1000, 1000, 0)
    rate.take(1002)
    rate.accepted(1002, 1002)
    expect(rate.perSecond).toBeCloseTo(700, 0)
    rate.take(1100)
    expect(rate.waitMs(1100, 14)).toBe(0)
    expect(rate.waitMs(1100, 15)).toBeGreaterThan(0)
  })
})

describe("a second refusal", () => {
  /** As a token bucket of so many per second would: refuses what it has no token for. */
  function against(limitPerSecond: number, untilMs: number): { rate: LearnedRate; refused: number; served: number } {
    const rate = new LearnedRate()
    let [tokens, filledAt, refused, served] = [limitPerSecond, 0, 0, 0]
    let now = 0
    while (now < untilMs) {
      now += Math.max(rate.waitMs(now), 1)
      tokens = Math.min(limitPerSecond, tokens + ((now - filledAt) * limitPerSecond) / 1000)
      filledAt = now
      rate.take(now)
      if (tokens >= 1) {
        tokens--
        served++
        rate.accepted(now, now)
      } else {
        refused++
        rate.throttled(now, now, 0)
      }
    }
    return { rate, refused, served }
  }

  test.each([
    [2, 0.06],
    [20, 0.01],
    [200, 0.01],
  ])("finds a limit of %i a second, and then meets it seldom", (limit, share) => {
    const { refused, served } = against(limit, 300_000)
    expect(served / 300 / limit).toBeGreaterThan(0.93)
    expect(refused / served).toBeLessThan(share)
    const { rate } = against(limit, 120_000)
    expect(rate.perSecond / limit).toBeGreaterThan(0.9)
    expect(rate.perSecond / limit).toBeLessThan(1.2)
  })

  test("of what was sent before the gate last opened tells nothing", () => {
    const rate = closed()
    rate.take(1100)
    rate.accepted(1150, 1100)
    expect(rate.throttled(1200, 1149, 0)).toBe(false)
    expect(rate.throttled(1200, 1150, 0)).toBe(true)
  })
})
