import { describe, expect, test } from "vitest"
import { field, headerList, headerValue, mergeHeaders, type HeadersInput } from "./headers.ts"
import { ConfigurationError } from "./steadfetch-error.ts"

const message = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (ConfigurationError.is(error)) return error.message
    throw error
  }
  return "nothing was refused"
}

describe("header fields given by a user", () => {
  test.each<[string, HeadersInput]>([
    ["a record", { "X-One": "1", "X-Two": 2 }],
    ["pairs", [["X-One", "1"], ["X-Two", "2"]]],
    ["Headers", new Headers({ "X-One": "1", "X-Two": "2" })],
    ["a Map", new Map([["X-One", "1"], ["X-Two", "2"]])],
    ["a record without prototype", Object.assign(Object.create(null), { "X-One": "1", "X-Two": 2 })],
  ])("may come as %s; names are lowered", (_, input) => {
    expect(headerList(input)).toEqual([["x-one", "1"], ["x-two", "2"]])
  }) // prettier-ignore

  test("that are undefined or null are left out", () => {
    expect(headerList({ a: undefined, b: null, c: "", d: 0 })).toEqual([
      ["c", ""],
      ["d", "0"],
    ])
    expect(headerList(undefined)).toEqual([])
  })

  test("keep repeated names and their order", () => {
    const pairs: [string, string][] = [
      ["b", "1"],
      ["a", "2"],
      ["B", "3"],
    ]
    expect(headerList(pairs)).toEqual([
      ["b", "1"],
      ["a", "2"],
      ["b", "3"],
    ])
  })

  test("lose white space around their values (RFC 9110 §5.5)", () => {
    expect(headerList({ a: " \t x y\t " })).toEqual([["a", "x y"]])
  })

  test("may hold Latin-1", () => {
    expect(headerList({ a: "Grüße ÿ" })).toEqual([["a", "Grüße ÿ"]])
  })
})

describe("an injection is refused, and the value is not shown:", () => {
  test.each([
    ["a line break", "secret\r\nX-Evil: 1"],
    ["a bare line feed", "secret\nX-Evil: 1"],
    ["a bare carriage return", "secret\rX-Evil: 1"],
    ["a null", "secret\0"],
    ["another control character", "secret\u0007"],
    ["a delete", "secret\u007f"],
  ])("%s in a value", (_, value) => {
    expect(message(() => headerList({ Authorization: value }))).toBe(
      'header "Authorization" holds a line break or a character beyond Latin-1; encode it',
    )
  })

  test.each(["“quoted secret”", "secret 😀", "secret \u2028 secret", "секрет"])("%j goes beyond Latin-1", (value) => {
    expect(message(() => headerList({ "x-name": value }))).toBe(
      'header "x-name" holds a line break or a character beyond Latin-1; encode it',
    )
  })

  test.each(["", "a b", "a:", ":authority", "a\n", "a\r\nb: c", "é", "a(b)", "a/b", '"', "a,b"])(
    "%j is no name of a header",
    (name) => {
      expect(message(() => field(name, "secret"))).toBe(
        `header name ${JSON.stringify(name)} is no token (RFC 9110 §5.1)`,
      )
    },
  )
})

test("a field is found by its lower-case name; the first of several counts", () => {
  const list = headerList([
    ["A", "1"],
    ["a", "2"],
  ])
  expect(headerValue(list, "a")).toBe("1")
  expect(headerValue(list, "b")).toBeUndefined()
})

test("merging puts fields in place of those of the same name, in any case", () => {
  const base = headerList({ Accept: "a/b", "X-Keep": "1" })
  expect(mergeHeaders(base, headerList({ accept: "c/d" }))).toEqual([
    ["x-keep", "1"],
    ["accept", "c/d"],
  ])
  expect(mergeHeaders(base, [])).toEqual(base)
  expect(mergeHeaders([], base)).toEqual(base)
})
