import { expect, test } from "vitest"
import { parseAttempts } from "./request-options.ts"

test("retries are the attempts after the first", () => {
  expect(parseAttempts("3", undefined)).toEqual({ attempts: 3 })
  expect(parseAttempts(undefined, "0")).toEqual({ attempts: 1 })
  expect(parseAttempts(undefined, undefined)).toBeUndefined()
})

test("attempts and retries together, and numbers that are none, are refused", () => {
  expect(() => parseAttempts("3", "2")).toThrow("--attempts and --retries say the same in two ways; give one")
  expect(() => parseAttempts("0", undefined)).toThrow('--attempts is "0"; give a whole number from 1')
  expect(() => parseAttempts(undefined, "two")).toThrow('--retries is "two"; give a whole number from 0')
})
