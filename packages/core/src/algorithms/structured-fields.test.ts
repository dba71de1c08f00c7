import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseDictionary, parseList } from "./structured-fields.ts"

const plain = (text: string): unknown =>
  parseList(text)?.map(({ value, parameters }) => [value, Object.fromEntries(parameters)])

describe("a list", () => {
  test.each([
    ['"default";r=50;t=30', [["default", { r: 50, t: 30 }]]],
    ['"burst";q=100;w=60,"daily";q=1000;w=86400', [["burst", { q: 100, w: 60 }], ["daily", { q: 1000, w: 86_400 }]]],
    ['  "a" , "b"\t,\t"c"  ', [["a", {}], ["b", {}], ["c", {}]]],
    ['"peruser";q=65535;qu="content-bytes";pk=:sdfjLJUOUH==:', [["peruser", { q: 65_535, qu: "content-bytes", pk: ":sdfjLJUOUH==:" }]]],
    ['"a \\"quoted\\" \\\\ one"', [['a "quoted" \\ one', {}]]],
    ["token/x:y*;a;b=?0;c=?1", [["token/x:y*", { a: true, b: false, c: true }]]],
    ["100;  w=60, -1.5", [[100, { w: 60 }], [-1.5, {}]]],
    ["a;x=1;x=2", [["a", { x: 2 }]]],
    ["999999999999999, 123456789012.125", [[999_999_999_999_999, {}], [123_456_789_012.125, {}]]],
  ])("%s", (text, members) => {
    expect(plain(text)).toEqual(members)
  }) // prettier-ignore

  test.each([
    "", ",", '"a",', ',"a"', '"a" "b"', '"open', '"tab\t"', '"bad \\x escape"', '"ü"', "1.", "1.2345", ".5", "1234567890123456",
    "1234567890123.1", "--1", '"a";', '"a";R=1', '"a"; =1', '"a";r=', '"a" ;r=1', '("a" "b")', "?2", ":not base64!:", '"a";r=1;;t=2',
  ])("%s is malformed", (text) => {
    expect(parseList(text)).toBeUndefined()
  }) // prettier-ignore

  test("no text makes the parser throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(() => [parseList(text), parseDictionary(text)]).not.toThrow()
      }),
    )
  })
})

describe("a dictionary", () => {
  test("has a value or true for each key, the last one for a key given twice", () => {
    expect([...(parseDictionary("limit=100, remaining=50;x, flag, limit=7") ?? [])]).toEqual([
      ["limit", { value: 7, parameters: new Map() }],
      ["remaining", { value: 50, parameters: new Map([["x", true]]) }],
      ["flag", { value: true, parameters: new Map() }],
    ])
  })

  test.each(["limit=", "LIMIT=1", "limit 1", "limit=1,", "=1"])("%s is malformed", (text) => {
    expect(parseDictionary(text)).toBeUndefined()
  })
})
