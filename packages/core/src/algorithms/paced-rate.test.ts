import { describe, expect, test } from "vitest"
import { PacedRate, type Sign } from "./paced-rate.ts"
import type { ServiceLimit } from "./rate-limit-fields.ts"

const half = (): number => 0.5
const served: Sign = { kind: "served", pauseMs: undefined, limits: [] }
const throttled = (pauseMs?: number, limits: readonly ServiceLimit[] = []): Sign => ({
  kind: "throttled",
  pauseMs,
  limits,
})
const usedUp: ServiceLimit = { name: "", partition: "", remaining: 0, resetMs: 9000, quota: 10, windowMs: 10_000 }
const unbounded = (): PacedRate => new PacedRate(undefined, Number.POSITIVE_INFINITY)

describe("a pause", () => {
  test("ends late by up to a tenth of it, and up to five seconds", () => {
    const rate = unbounded()
    expect(rate.note(rate.take(0), throttled(2000), 100, half)).toBe("paused")
    expect([rate.pauseMs(100), rate.pauseMs(2199), rate.pauseMs(2200), rate.pauseMs(9999)]).toEqual([2100, 1, 0, 0])
    const long = unbounded()
    long.note(long.take(0), throttled(100_000), 0, half)
    expect(long.pauseMs(0)).toBe(102_500)
  })

  test("lets nothing go, and then one by one at what is presumed to be the rate", () => {
    const rate = unbounded()
    rate.note(rate.take(0), throttled(2000), 0, half)
    expect(rate.perSecond(0)).toBe(0)
    expect(rate.perSecond(2100)).toBe(5)
    expect([1, 2, 3].map((sends) => rate.waitMs(0, sends))).toEqual([2100, 2300, 2500])
  })

  test("is no longer than is allowed, and never cut short by another", () => {
    const rate = new PacedRate(undefined, 1000)
    expect(rate.note(rate.take(0), throttled(5000), 0, half)).toBe("paused")
    expect(rate.pauseMs(0)).toBe(1050)
    expect(rate.note(rate.take(0), throttled(1000), 50, () => 0)).toBeUndefined()
    expect(rate.pauseMs(50)).toBe(1000)
    expect(rate.note(rate.take(0), throttled(1000), 51, () => 0)).toBe("paused")
    expect(rate.pauseMs(51)).toBe(1000)
  })

  test("of no time is none: the rate is searched for", () => {
    const rate = unbounded()
    expect(rate.note(rate.take(0), throttled(0), 0, half)).toBe("throttled")
    expect(rate.pauseMs(0)).toBe(0)
    expect(rate.perSecond(0)).toBe(5)
  })
})

describe("a refusal", () => {
  test("without a time throttles once; what is served afterwards tells that the server takes requests again", () => {
    const rate = unbounded()
    const first = rate.take(0)
    const second = rate.take(0)
    expect(rate.note(first, throttled(), 10, half)).toBe("throttled")
    expect(rate.note(second, throttled(), 11, half)).toBeUndefined()
    expect(rate.note(rate.take(500), served, 510, half)).toBe("recovering")
    expect(rate.note(rate.take(900), served, 910, half)).toBeUndefined()
  })

  test("that tells of a used-up quota is waited for, and teaches no rate", () => {
    const rate = unbounded()
    const sent = rate.take(0)
    rate.ended()
    expect(rate.note(sent, throttled(undefined, [usedUp]), 0, () => 0)).toBeUndefined()
    expect(rate.waitMs(0)).toBe(9000)
    expect(rate.perSecond(9000)).toBe(1)
    const left = { ...usedUp, remaining: 1 }
    expect(unbounded().note(sent, throttled(undefined, [left]), 0, half)).toBe("throttled")
  })

  test("where there was no reply, nothing is learnt but what is left", () => {
    const rate = unbounded()
    const sent = rate.take(0)
    rate.ended()
    expect(rate.note(sent, { kind: "none", pauseMs: undefined, limits: [usedUp] }, 0, () => 0)).toBeUndefined()
    expect(rate.waitMs(0)).toBe(9000)
  })
})

test("requests under way are counted against what is left", () => {
  const rate = unbounded()
  const [first] = [rate.take(0), rate.take(0)]
  rate.ended()
  rate.note(first, { ...served, limits: [{ ...usedUp, remaining: 1 }] }, 0, () => 0)
  expect(rate.perSecond(0)).toBe(0)
})

test("sends are numbered from 1, and know when they went", () => {
  const rate = unbounded()
  expect([rate.take(5), rate.take(7, 6)]).toEqual([
    { number: 1, at: 5 },
    { number: 2, at: 7 },
  ])
})

test("a rate of one's own holds together with what is learnt, and what was due earlier does not delay the next", () => {
  const rate = new PacedRate({ perSecond: 2, burst: 1 }, Number.POSITIVE_INFINITY)
  expect(rate.perSecond(0)).toBe(2)
  rate.take(0)
  expect([1, 2].map((sends) => rate.waitMs(0, sends))).toEqual([500, 1000])
  rate.take(515, 500)
  expect(rate.waitMs(515)).toBe(485)
  rate.note({ number: 1, at: 0 }, throttled(5000), 600, () => 0)
  expect(rate.waitMs(600)).toBe(5000)
})
