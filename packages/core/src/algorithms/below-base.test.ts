import * as fc from "fast-check"
import { expect, test } from "vitest"
import { belowBase } from "./below-base.ts"

const base = "https://api.test/v1"

test.each([
  ["https://api.test/v1", ""],
  ["https://api.test/v1/", "/"],
  ["https://api.test/v1?page=2", "?page=2"],
  ["https://api.test/v1#top", "#top"],
  ["https://api.test/v1/users/7?page=2#top", "/users/7?page=2#top"],
  ["https://api.test/v1//users//7", "//users//7"],
  ["https://api.test/v1/a%2Fb/%2e%2f", "/a%2Fb/%2e%2f"],
  ["https://api.test/v1/a?next=/../..", "/a?next=/../.."],
  ["https://api.test/v1/.well-known/x", "/.well-known/x"],
  ["https://api.test/v1/a/../b", "/b"],
  ["https://api.test/v0/../v1/b", "/b"],
  ["HTTPS://API.test:443/v1/a", "/a"],
])("%s is below its base", (url, rest) => {
  expect(belowBase(base, url)).toBe(rest)
})

test.each([
  "https://api.test/",
  "https://api.test/v",
  "https://api.test/v10",
  "https://api.test/v1.0/users",
  "https://api.test/v1%2Fusers",
  "https://api.test/v1/../admin",
  "https://api.test/v1/%2e%2E/admin",
  "https://api.test/v1/.%2e/admin",
  "https://api.test/v1\\..\\..\\admin",
  "https://api.test/v1/a/\t../../admin",
  "https://api.test//v1/a",
  "http://api.test/v1/a",
  "https://api.test:8443/v1/a",
  "https://api.test.evil.test/v1/a",
  "https://api.test@evil.test/v1/a",
  "https://user:pw@api.test/v1/a",
  "https://evil.test/https://api.test/v1/a",
  "//api.test/v1/a",
  "/v1/a",
  "not a URL",
  "",
])("%j is not", (url) => {
  expect(belowBase(base, url)).toBeUndefined()
})

test("a base without a path holds its origin, and no other", () => {
  expect(belowBase("https://api.test", "https://api.test/a?b")).toBe("/a?b")
  expect(belowBase("https://api.test", "https://api.test.evil.test/a")).toBeUndefined()
})

const piece = fc.oneof(
  fc.constantFrom(
    "..",
    ".",
    "%2e%2e",
    ".%2E",
    "",
    "a",
    "%2F",
    "%2f..",
    "..%2f",
    "\\",
    "\\..",
    "v1",
    "é",
    "?",
    "#",
    "@",
    ":",
    "\t",
  ),
  fc.string({ maxLength: 5 }),
)

test("what follows a base stays below any other base that it is appended to", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.constantFrom("/", ""), (pieces, slash) => {
      const url = `${base}${slash}${pieces.join("/")}`
      const rest = belowBase(base, url)
      if (rest === undefined) return
      const there = new URL(`https://other.test/deep/base${rest}`)
      const here = new URL(url)
      expect(there.origin).toBe("https://other.test")
      expect(there.pathname.slice("/deep/base".length)).toBe(here.pathname.slice("/v1".length))
      expect(there.search).toBe(here.search)
    }),
    { numRuns: 2000 },
  )
})
