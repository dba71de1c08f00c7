import { describe, expect, test } from "vitest"
import { Keyed } from "./keyed.ts"

const never = (): boolean => false

describe("state per key", () => {
  test("is made once for each key", () => {
    const keyed = new Keyed((key) => ({ key }))
    const first = keyed.of("a")
    expect(keyed.of("b")).toEqual({ key: "b" })
    expect(keyed.of("a")).toBe(first)
    expect(keyed.of("a")).toBe(first)
  })

  test("is forgotten for the key longest unused when there are too many", () => {
    const made: string[] = []
    const keyed = new Keyed((key) => made.push(key), never, 2)
    for (const key of ["a", "b", "a", "c", "a", "b"]) keyed.of(key)
    expect(made).toEqual(["a", "b", "c", "b"])
  })

  test("is not forgotten while it is in use, but once it is not", () => {
    const made: string[] = []
    const inUse = new Set(["a", "b"])
    const state = (key: string): { key: string } => {
      made.push(key)
      return { key }
    }
    const keyed = new Keyed(state, ({ key }) => inUse.has(key), 3)
    for (const key of ["a", "b", "c", "d", "e", "a", "b"]) keyed.of(key)
    expect(made).toEqual(["a", "b", "c", "d", "e"])
    inUse.clear()
    for (const key of ["f", "g", "h", "a"]) keyed.of(key)
    expect(made.slice(5)).toEqual(["f", "g", "h", "a"])
  })

  test("that is in use takes the room of ten times as many keys, and no more", () => {
    let made = 0
    const always = (): boolean => true
    const keyed = new Keyed(() => made++, always, 10)
    const ask = (keys: number): void => {
      for (let key = 0; key < keys; key++) keyed.of(`${key}`)
    }
    ask(100)
    ask(100)
    expect(made).toBe(100)
    ask(101)
    expect(made).toBe(101)
    ask(101)
    expect(made).toBeGreaterThan(101)
  })

  test("that is idle is found and forgotten among much that is in use", () => {
    const made: string[] = []
    const state = (key: string): string => {
      made.push(key)
      return key
    }
    const keyed = new Keyed(state, (key) => key.startsWith("busy"), 10)
    const busy = Array.from({ length: 50 }, (_, index) => `busy ${index}`)
    for (const key of busy) keyed.of(key)
    for (let index = 0; index < 1000; index++) keyed.of(`idle ${index}`)
    for (const key of busy) keyed.of(key)
    expect(made).toHaveLength(1050)
    keyed.of("idle 900")
    expect(made.at(-1)).toBe("idle 900")
    expect(made).toHaveLength(1051)
  })
})
