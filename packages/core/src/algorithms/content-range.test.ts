import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseContentRange, unsatisfiedLength } from "./content-range.ts"

describe("the Content-Range of a 206", () => {
  test.each([
    ["bytes 0-0/1", { first: 0, last: 0, totalBytes: 1 }],
    ["bytes 4-9/10", { first: 4, last: 9, totalBytes: 10 }],
    ["Bytes  4-9/10 ", { first: 4, last: 9, totalBytes: 10 }],
    ["bytes 4-9/*", { first: 4, last: 9, totalBytes: undefined }],
    ["bytes 4-9007199254740990/9007199254740991", { first: 4, last: 9007199254740990, totalBytes: 9007199254740991 }],
  ])("%s is read", (text, range) => {
    expect(parseContentRange(text)).toEqual(range)
  })

  test.each([
    null,
    "",
    "bytes",
    "bytes 4-9",
    "bytes=4-9/10",
    "bytes 9-4/10",
    "bytes 4-10/10",
    "bytes -9/10",
    "bytes 4-/10",
    "bytes */10",
    "bytes 4-9/10, bytes 4-9/10",
    "bytes 4 - 9 / 10",
    "bytes 0x4-9/10",
    "items 4-9/10",
    "bytes 4-9/9007199254740992",
    "bytes 4-9007199254740992/*",
  ])("%j is none", (text) => {
    expect(parseContentRange(text)).toBeUndefined()
  })

  test("of any range that can be is what it was", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (first, more, rest) => {
        const range = { first, last: first + more, totalBytes: first + more + rest + 1 }
        expect(parseContentRange(`bytes ${range.first}-${range.last}/${range.totalBytes}`)).toEqual(range)
      }),
    )
  })
})

test.each([
  ["bytes */10", 10],
  ["BYTES */0", 0],
  [null, undefined],
  ["bytes */*", undefined],
  ["bytes 0-9/10", undefined],
  ["items */10", undefined],
  ["bytes */9007199254740992", undefined],
])("the Content-Range %j of a 416 says %s", (text, length) => {
  expect(unsatisfiedLength(text)).toBe(length)
})
