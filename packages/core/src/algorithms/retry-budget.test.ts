import { describe, expect, test } from "vitest"
import { RetryBudget } from "./retry-budget.ts"

const origin = "https://api.example.com"

function granted(budget: RetryBudget, times: number, of = origin): number {
  return Array.from({ length: times }, () => budget.withdraw(of)).filter(Boolean).length
}

function deposit(budget: RetryBudget, times: number): void {
  for (let count = 0; count < times; count++) budget.deposit(origin)
}

describe("a retry budget", () => {
  test("starts full: so many retries, and then no more", () => {
    expect(granted(new RetryBudget(0.1, 10), 100)).toBe(10)
  })

  test("earns a retry with every ten successes at 0.1 per success", () => {
    const budget = new RetryBudget(0.1, 10)
    granted(budget, 10)
    deposit(budget, 9)
    expect(budget.withdraw(origin)).toBe(false)
    deposit(budget, 2)
    expect(budget.withdraw(origin)).toBe(true)
    expect(budget.withdraw(origin)).toBe(false)
  })

  test("never holds more than its capacity", () => {
    const budget = new RetryBudget(0.5, 3)
    granted(budget, 3)
    deposit(budget, 1000)
    expect(granted(budget, 100)).toBe(3)
  })

  test("holds successes of an untouched origin to its capacity, too", () => {
    const budget = new RetryBudget(1, 3)
    deposit(budget, 1000)
    expect(granted(budget, 100)).toBe(3)
  })

  test("is not refilled by refused withdrawals", () => {
    const budget = new RetryBudget(0.1, 2)
    expect(granted(budget, 1000)).toBe(2)
    expect(granted(budget, 1000)).toBe(0)
  })

  test("earns nothing at 0 per success", () => {
    const budget = new RetryBudget(0, 1)
    granted(budget, 1)
    deposit(budget, 1000)
    expect(budget.withdraw(origin)).toBe(false)
  })

  test("is one per origin: an outage of one costs the others nothing", () => {
    const budget = new RetryBudget(0.1, 5)
    granted(budget, 100)
    expect(granted(budget, 100, "https://other.example.com")).toBe(5)
  })

  test("remembers a thousand origins; the one longest unused starts full again", () => {
    const budget = new RetryBudget(0.1, 1)
    granted(budget, 1)
    for (let other = 0; other < 999; other++) granted(budget, 1, `https://${other}.example.com`)
    expect(budget.withdraw(origin)).toBe(false)
    granted(budget, 1, "https://one-too-many.example.com")
    expect(budget.withdraw("https://998.example.com")).toBe(false)
    expect(budget.withdraw(origin)).toBe(true)
  })

  test("an origin in use is not forgotten for newer ones", () => {
    const budget = new RetryBudget(0.1, 2)
    granted(budget, 1)
    for (let other = 0; other < 999; other++) granted(budget, 1, `https://${other}.example.com`)
    expect(granted(budget, 5)).toBe(1)
    granted(budget, 1, "https://one-too-many.example.com")
    expect(granted(budget, 5)).toBe(0)
  })
})
