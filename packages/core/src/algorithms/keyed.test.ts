import { describe, expect, test } from "vitest"
import { Keyed } from "./keyed.ts"

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
    const keyed = new Keyed((key) => made.push(key), 2)
    for (const key of ["a", "b", "a", "c", "a", "b"]) keyed.of(key)
    expect(made).toEqual(["a", "b", "c", "b"])
  })
})
