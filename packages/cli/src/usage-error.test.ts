import { expect, test } from "vitest"
import { nearest } from "./usage-error.ts"

const names = ["header", "json", "data", "deadline", "attempts", "retries", "output"]

test.each([
  ["jsn", "json"],
  ["hedaer", "header"],
  ["dead", "deadline"],
  ["attempt", "attempts"],
])("%s was probably meant to be %s", (given, expected) => {
  expect(nearest(given, names)).toBe(expected)
})

test.each(["verbose", "x", "zzzz"])("%s is like none", (given) => {
  expect(nearest(given, names)).toBeUndefined()
})
