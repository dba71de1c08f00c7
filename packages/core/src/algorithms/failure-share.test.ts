import { describe, expect, test } from "vitest"
import { FailureShare } from "./failure-share.ts"

function noted(results: string, gapMs = 0): FailureShare {
  const share = new FailureShare()
  ;[...results].forEach((result, index) => share.note(result === "x", index * gapMs))
  return share
}

describe("the share of failures", () => {
  test("is 0 before the first result", () => {
    const share = new FailureShare()
    expect([share.measured, share.suspected(0), share.volume(0)]).toEqual([0, 0, 0])
  })

  test("is what it is where results come at once", () => {
    const share = noted("x.x.......")
    expect([share.measured, share.volume(0)]).toEqual([0.2, 10])
  })

  test("is suspected to be less while there are few results", () => {
    expect(noted("x").suspected(0)).toBeCloseTo(1 / 6, 9)
    expect(noted("x".repeat(95)).suspected(0)).toBe(0.95)
  })

  test("is suspected to be less with time; what was measured stays, with less and less volume", () => {
    const share = noted("xxxxx")
    expect(share.suspected(0)).toBe(0.5)
    expect(share.suspected(30_000)).toBeLessThan(0.05)
    expect(share.measured).toBe(1)
    expect(share.volume(10_000)).toBeCloseTo(5 / Math.E, 9)
  })

  test("follows the latest results", () => {
    const share = noted(`${"x".repeat(50)}${".".repeat(50)}`, 1000)
    expect(share.measured).toBeLessThan(0.01)
  })

  test("begins anew once forgotten", () => {
    const share = noted("xxxxx")
    share.forget()
    expect([share.measured, share.suspected(0), share.volume(0)]).toEqual([0, 0, 0])
  })
})

test("results weigh e times less after ten seconds", () => {
  const share = new FailureShare()
  share.note(true, 0)
  share.note(false, 10_000)
  expect(share.measured).toBeCloseTo(1 / (1 + Math.E))
  expect(share.suspected(20_000)).toBeCloseTo(1 / Math.E ** 2 / (1 / Math.E ** 2 + 1 / Math.E + 5))
})
