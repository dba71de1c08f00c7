import { expect, test } from "vitest"
import { firstAt, isIdPrefix, lastWith, tellingLength } from "./id-prefix.ts"

test.each([
  ["0199", true],
  ["0199c2a4-", true],
  ["0199c2a4-7b3e-7abc-8def-000000000001", true],
  ["019", false],
  ["0199c2a47", false],
  ["0199c2a4-7b3e-7abc-8def-0000000000012", false],
  ["019g", false],
])("%j can begin an id: %j", (text, expected) => {
  expect(isIdPrefix(text)).toBe(expected)
})

test("the last id with a beginning", () => {
  expect(lastWith("0199c2a4-7")).toBe("0199c2a4-7fff-ffff-ffff-ffffffffffff")
})

test("the first id of an instant stands between those before and those from then on", () => {
  expect(firstAt(0x0199c2a47b3e)).toBe("0199c2a4-7b3e-7000-8000-000000000000")
  expect(firstAt(0x0199c2a47b3e) > "0199c2a4-7b3d-7fff-bfff-ffffffffffff").toBe(true)
})

test("ids are shown as long as tells them apart, and at least 8 characters", () => {
  const id = (rest: string): string => `0199c2a4-${rest}`
  expect(tellingLength([])).toBe(8)
  expect(tellingLength([id("7b3e-7abc"), id("8b3e-7abc")])).toBe(10)
  expect(tellingLength([id("7b3e-7abc"), id("9b3e-7abc"), id("7b3e-7abd")])).toBe(18)
  expect(tellingLength(["0199c2a4-7b3e", "0299c2a4-7b3e"])).toBe(8)
})
