import { expect, test } from "vitest"
import { prefersAsync, preferencesOf } from "./preferences.ts"

test.each([
  ["respond-async", true],
  ["Respond-Async", true],
  ["wait=10, respond-async", true],
  ["respond-async; with=more", true],
  ['foo="a, respond-async", wait=1', false],
  [String.raw`foo="a\", respond-async"`, false],
  ['foo="respond-async', false],
  ["respond-asynchronously", false],
  ["handling=strict", false],
  ["", false],
])("Prefer: %s", (value, expected) => {
  expect(prefersAsync(["Prefer", value])).toBe(expected)
})

test("lines are one list", () => {
  const raw = ["Prefer", 'a="x,y" , respond-async', "prefer", ",return=minimal"]
  expect(preferencesOf(raw)).toEqual(['a="x,y"', "respond-async", "return=minimal"])
})
