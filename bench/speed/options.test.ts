import { describe, expect, test } from "vitest"
import { parseOptions } from "./options.ts"

describe("options", () => {
  test("a whole run measures five rounds and writes the report", () => {
    expect(parseOptions([])).toEqual({
      check: false,
      only: [],
      rounds: 5,
      seconds: 1,
      crowdCalls: 10_000,
      growthCalls: 100_000,
      into: "docs/bench",
    })
  })

  test.each([["--check"], ["--only=get-50"]])("%s leaves the report as it is", (option) => {
    expect(parseOptions([option]).into).toBeUndefined()
  })

  test("a folder for the report can be given with any of them", () => {
    expect(parseOptions(["--only", "get-50", "--into", "elsewhere"]).into).toBe("elsewhere")
  })

  test.each([
    [["--rounds", "2.5"], "--rounds 2.5: give a whole number above 0"],
    [["--seconds", "0"], "--seconds 0: give a number above 0"],
    [["--only", "gets"], "--only gets: there is no such work; give one of get-1, get-50"],
  ])("%j is refused", (args, message) => {
    expect(() => parseOptions(args)).toThrow(message)
  })
})
