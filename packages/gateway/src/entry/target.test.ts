import { describe, expect, test } from "vitest"
import { hostOf, readTarget } from "./target.ts"

describe("a target", () => {
  test.each([
    ["/", "a.test", "/"],
    ["/a?b=c", "a.test", "/a?b=c"],
    ["//double//slash", "a.test", "//double//slash"],
    ["/a/...", "a.test", "/a/..."],
    ["/.well-known/x", "a.test", "/.well-known/x"],
    ["/a/b.json?x=../..", "a.test", "/a/b.json?x=../.."],
    ["http://b.test/x?y", "b.test", "/x?y"],
    ["HTTP://b.test", "b.test", "/"],
    ["http://b.test?y", "b.test", "/?y"],
    ["http://b.test:80/", "b.test:80", "/"],
  ])("%s is for %s, with path %s", (target, authority, path) => {
    expect(readTarget("GET", target, "a.test")).toEqual({ authority, path })
  })

  test.each(["", "a", "*", "/a#b", "/a b", "/\u00e9", "/a\\b", "/..", "/.", "/a/..", "/a/../b", "/%2e%2E/b", "/a%2F..%2fb", "/a%5c..", "/..;x/b", "http:///a", "http://u@b.test/", "https://b.test/", "b.test:443", "//..", "http://b.test/../x"])("%j is refused", (target) => {
    expect(readTarget("GET", target, "a.test")).toMatchObject({ status: 400 })
  }) // prettier-ignore

  test("the asterisk is for OPTIONS", () => {
    expect(readTarget("OPTIONS", "*", "a.test")).toEqual({ authority: "a.test", path: "*" })
  })
})

test.each([
  ["A.test", "a.test"],
  ["a.test:80", "a.test"],
  ["[::1]:80", "[::1]"],
  ["a.test:", "a.test"],
  ["", undefined],
  ["a test", undefined],
  ["a.test/b", undefined],
  ["u@a.test", undefined],
  ["a.test:x", undefined],
  ["::1", undefined],
])("%j names the host %s", (authority, host) => {
  expect(hostOf(authority)).toBe(host)
})
