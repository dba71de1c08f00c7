import { describe, expect, test } from "vitest"
import { QuotaWindow, QuotaWindows } from "./quota-window.ts"
import type { ServiceLimit } from "./rate-limit-fields.ts"

const limit = (remaining: number, more: Partial<ServiceLimit> = {}): ServiceLimit => ({
  name: "",
  partition: "",
  remaining,
  resetMs: 30_000,
  quota: 100,
  windowMs: 60_000,
  ...more,
})

function told(remaining: number, more: Partial<ServiceLimit> = {}, jitter = 0): QuotaWindow {
  const window = new QuotaWindow(jitter)
  window.note(limit(remaining, more), 0, 1, 0)
  return window
}

describe("a quota with much left", () => {
  test("holds back only what would use up its last fifth too early", () => {
    const window = told(90)
    expect(window.perSecond(0)).toBe(Number.POSITIVE_INFINITY)
    expect([1, 70, 71, 80, 90].map((sends) => window.waitMs(0, sends))).toEqual([0, 0, 1500, 15_000, 30_000])
    expect(window.waitMs(20_000, 80)).toBe(5000)
  })

  test("makes what goes beyond it wait for the next window, spread over that", () => {
    const window = told(90)
    expect([91, 92, 101].map((sends) => window.waitMs(0, sends))).toEqual([30_000, 30_600, 36_000])
  })

  test("counts down what is sent", () => {
    const window = told(22)
    window.take(0)
    expect([1, 2].map((sends) => window.waitMs(0, sends))).toEqual([0, 1500])
    window.take(0)
    expect(window.perSecond(0)).toBeCloseTo(20 / 30)
  })

  test("counts what is under way as gone", () => {
    const window = new QuotaWindow(0)
    window.note(limit(30), 0, 1, 8)
    expect([2, 3].map((sends) => window.waitMs(0, sends))).toEqual([0, 1500])
    window.note(limit(5), 0, 2, 9)
    expect(window.perSecond(0)).toBe(0)
  })
})

describe("a quota with a fifth left or less", () => {
  test("is spread over the time until its window ends", () => {
    const window = told(20, { resetMs: 20_000 })
    expect(window.perSecond(0)).toBe(1)
    expect(window.waitMs(0)).toBe(0)
    window.take(0)
    expect(window.perSecond(0)).toBeCloseTo(19 / 20)
    expect(window.waitMs(0)).toBeCloseTo(1000 / 0.95)
    expect(told(21, { resetMs: 20_000 }).perSecond(0)).toBe(Number.POSITIVE_INFINITY)
  })

  test("lets a tenth of what is left go at once after a quiet time", () => {
    const window = told(200, { quota: 1000, resetMs: 200_000 })
    expect(window.waitMs(0, 1)).toBe(0)
    let taken = 0
    for (; window.waitMs(19_000) === 0; taken++) window.take(19_000)
    expect(taken).toBe(20)
  })

  test("lets one go in a minute, however long its window", () => {
    const window = told(2, { resetMs: 86_400_000, windowMs: 86_400_000 })
    expect(window.perSecond(0)).toBeCloseTo(1 / 60)
    window.take(0)
    expect(window.waitMs(0)).toBeCloseTo(60_000)
  })

  test("is as fast as it likes in the last moment of its window", () => {
    expect(told(5).perSecond(29_999.9)).toBe(5000)
  })
})

describe("a quota that is used up", () => {
  test("lets nothing go until the next window, which begins late by the jitter", () => {
    const window = told(0, {}, 0.5)
    expect(window.perSecond(0)).toBe(0)
    expect(window.waitMs(0)).toBe(30_500)
    expect(window.waitMs(30_400)).toBe(100)
    expect(told(0, { windowMs: 4000 }, 0.5).waitMs(0)).toBe(30_200)
    expect(told(1, {}, 0.5).waitMs(0, 2)).toBe(30_000)
  })

  test("is not believed for more than ten minutes since it was", () => {
    const window = new QuotaWindow(0)
    window.note(limit(1, { resetMs: 86_400_000 }), 0, 1, 0)
    window.take(50_000)
    expect(window.waitMs(50_000)).toBe(600_000)
    window.note(limit(0, { resetMs: 86_300_000 }), 100_000, 2, 0)
    expect(window.waitMs(100_000)).toBe(550_000)
  })

  test("is followed by a window that is presumed to be like it, and spread", () => {
    const window = told(0)
    expect(window.isOver(30_000)).toBe(false)
    expect(window.waitMs(30_000)).toBe(0)
    expect(window.perSecond(30_000)).toBeCloseTo(100 / 60)
    window.take(30_000)
    expect(window.waitMs(30_000)).toBeCloseTo(60_000 / 99)
    expect(window.waitMs(30_000, 2)).toBeCloseTo((2 * 60_000) / 99)
    expect(window.isOver(89_999)).toBe(false)
    expect(window.isOver(90_000)).toBe(true)
    expect([window.waitMs(90_000), window.waitMs(90_000, 1000)]).toEqual([0, 0])
  })

  test("tells nothing any more when its window and the next have passed", () => {
    const window = told(0)
    expect(window.isOver(90_000)).toBe(false)
    expect(window.isOver(90_001)).toBe(true)
    expect(window.waitMs(90_001, 1000)).toBe(0)
    window.take(90_001)
    expect(window.isOver(90_001)).toBe(true)
  })
})

describe("what replies tell", () => {
  test("is old news when it is about an earlier request, and can only lower what is left", () => {
    const window = new QuotaWindow(0)
    window.note(limit(50), 0, 2, 0)
    window.note(limit(60, { resetMs: 1000 }), 0, 1, 0)
    expect([30, 31].map((sends) => window.waitMs(0, sends))).toEqual([0, 1500])
    window.note(limit(40), 0, 1, 0)
    expect([20, 21].map((sends) => window.waitMs(0, sends))).toEqual([0, 1500])
  })

  test("is about an earlier window where that is over", () => {
    const window = told(0)
    expect(window.perSecond(30_000)).toBeCloseTo(100 / 60)
    window.note(limit(0), 30_000, 0, 0)
    expect(window.perSecond(30_000)).toBeCloseTo(100 / 60)
    window.note(limit(99), 30_000, 2, 0)
    expect(window.perSecond(30_000)).toBe(Number.POSITIVE_INFINITY)
  })

  test("need not tell the quota: it is the most that was left", () => {
    const unknown = { quota: undefined, windowMs: undefined }
    const window = told(100, unknown)
    window.note(limit(21, unknown), 0, 2, 0)
    expect(window.perSecond(0)).toBe(Number.POSITIVE_INFINITY)
    window.note(limit(20, unknown), 0, 3, 0)
    expect(window.perSecond(0)).toBeCloseTo(20 / 30)
    window.note(limit(20, { ...unknown, quota: 50 }), 0, 4, 0)
    expect(window.perSecond(0)).toBe(Number.POSITIVE_INFINITY)
  })

  test("need not tell the window: it is the longest time that was left", () => {
    const unknown = { windowMs: undefined, remaining: 0 }
    const window = told(0, { ...unknown, resetMs: 50_000 })
    window.note(limit(0, { ...unknown, resetMs: 20_000 }), 30_000, 2, 0)
    expect(window.perSecond(50_000)).toBeCloseTo(100 / 50)
    expect(window.waitMs(50_000, 102)).toBe(50_000 + 500)
  })
})

describe("several quotas", () => {
  test("the strictest holds, and of its partitions that with most left", () => {
    const quotas = new QuotaWindows()
    expect([quotas.waitMs(0), quotas.perSecond(0)]).toEqual([0, Number.POSITIVE_INFINITY])
    quotas.note([limit(0, { partition: "a" })], 0, 1, 0, () => 0)
    expect([quotas.waitMs(0), quotas.perSecond(0)]).toEqual([30_000, 0])
    quotas.note([limit(20, { partition: "b" })], 0, 2, 0, () => 0)
    expect(quotas.waitMs(0)).toBe(0)
    expect(quotas.perSecond(0)).toBeCloseTo(20 / 30)
    quotas.note([limit(0, { name: "daily", resetMs: 40_000 })], 0, 3, 0, () => 0)
    expect([quotas.waitMs(0), quotas.perSecond(0)]).toEqual([40_000, 0])
  })

  test("each counts what is sent", () => {
    const quotas = new QuotaWindows()
    quotas.note([limit(1), limit(1, { name: "daily", resetMs: 40_000 })], 0, 1, 0, () => 0)
    quotas.take(0)
    expect(quotas.waitMs(0)).toBe(40_000)
    expect(quotas.waitMs(40_000)).toBe(0)
  })

  test("each window has its own jitter, drawn once", () => {
    const quotas = new QuotaWindows()
    let drawn = 0
    const random = (): number => {
      drawn++
      return 0.5
    }
    quotas.note([limit(0)], 0, 1, 0, random)
    quotas.note([limit(0)], 0, 2, 0, random)
    expect(drawn).toBe(1)
    expect(quotas.waitMs(0)).toBe(30_500)
  })

  test.each(["name", "partition"] as const)("no more than 32 of one %s each are remembered", (kind) => {
    const quotas = new QuotaWindows()
    const used = (count: number): ServiceLimit => limit(0, { [kind]: `${count}`, resetMs: 30_000 + count })
    for (let count = 1; count <= 32; count++) quotas.note([used(count)], 0, count, 0, () => 0)
    quotas.note([used(1)], 0, 33, 0, () => 0)
    expect(quotas.waitMs(0)).toBe(kind === "name" ? 30_032 : 30_001)
    quotas.note([limit(0, { [kind]: "33", resetMs: 20_000 })], 0, 34, 0, () => 0)
    expect(quotas.waitMs(0)).toBe(20_000)
  })

  test("forgets what is over", () => {
    const quotas = new QuotaWindows()
    quotas.note([limit(0)], 0, 1, 0, () => 0)
    expect(quotas.waitMs(100_000, 1000)).toBe(0)
    expect(quotas.perSecond(100_000)).toBe(Number.POSITIVE_INFINITY)
  })
})
