import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { LineReader, type LineEnd } from "./line-reader.ts"

/** All lines of these pieces; "too long" stands for the end by a line that was. */
function linesOf(pieces: readonly Uint8Array[], end: LineEnd = "lf", maxBytes = 1000): string[] {
  const lines: string[] = []
  const tooLong = new Error("too long")
  const reader = new LineReader(end, maxBytes, () => {
    throw tooLong
  })
  try {
    for (const piece of pieces) {
      reader.feed(piece)
      for (let line = reader.next(); line !== undefined; line = reader.next()) lines.push(line)
    }
    const rest = reader.rest()
    return rest === undefined ? lines : [...lines, rest]
  } catch (error) {
    if (error !== tooLong) throw error
    return [...lines, "too long"]
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const oneByOne = (text: string): Uint8Array[] => [...bytes(text)].map((byte) => Uint8Array.of(byte))

describe("lines that end with LF", () => {
  test.each<[string, string, readonly string[]]>([
    ["nothing", "", []],
    ["one without an end", "a", ["a"]],
    ["one with an end", "a\n", ["a"]],
    ["blank ones", "\n\na\n\n", ["", "", "a", ""]],
    ["CRLF", "a\r\nb\r\n", ["a", "b"]],
    ["a CR by itself, which is text", "a\rb\n\r\n", ["a\rb", ""]],
    ["only the last CR before an LF goes", "a\r\r\n", ["a\r"]],
    ["a CR at the end of the body", "a\r", ["a\r"]],
    ["other code points that break lines are text", "a\u2028b\u0085c\vd\n", ["a\u2028b\u0085c\vd"]],
    ["characters of several bytes", "é茶🍵\n🍵", ["é茶🍵", "🍵"]],
    ["one byte order mark", "\uFEFF\uFEFFa\n\uFEFFb", ["\uFEFFa", "\uFEFFb"]],
    ["a byte order mark alone", "\uFEFF\na", ["", "a"]],
    ["NUL", "a\0b\n", ["a\0b"]],
  ])("%s", (_, text, lines) => {
    expect(linesOf([bytes(text)])).toEqual(lines)
    expect(linesOf(oneByOne(text))).toEqual(lines)
  })

  test("what is no UTF-8 becomes U+FFFD, and ends where the line does", () => {
    const broken = Uint8Array.of(0xe2, 0x82, 10, 0xff, 65, 10, 0xf0, 0x9f)
    expect(linesOf([broken])).toEqual(["\uFFFD", "\uFFFDA", "\uFFFD"])
  })
})

describe("lines that end with LF, CRLF or CR", () => {
  test.each<[string, string, readonly string[]]>([
    ["each of them", "a\rb\nc\r\nd", ["a", "b", "c", "d"]],
    ["CR CR LF are two", "a\r\r\nb", ["a", "", "b"]],
    ["LF CR are two", "a\n\rb", ["a", "", "b"]],
    ["CRLF at the end", "a\r\n", ["a"]],
  ])("%s", (_, text, lines) => {
    expect(linesOf([bytes(text)], "any")).toEqual(lines)
    expect(linesOf(oneByOne(text), "any")).toEqual(lines)
  })

  test("a line is there with its CR, whatever follows", () => {
    const reader = new LineReader("any", 100, () => expect.unreachable())
    reader.feed(bytes("a\r"))
    expect([reader.next(), reader.next()]).toEqual(["a", undefined])
    reader.feed(bytes("\nb\n"))
    expect([reader.next(), reader.next()]).toEqual(["b", undefined])
  })
})

describe("a line's length", () => {
  test.each<[string, readonly string[]]>([
    ["1234\n5\n", ["1234", "5"]],
    ["12345\n", ["too long"]],
    ["1\n12345", ["1", "too long"]],
    ["茶1\n茶12\n", ["茶1", "too long"]],
  ])("of %j is counted in bytes", (text, lines) => {
    expect(linesOf([bytes(text)], "lf", 4)).toEqual(lines)
    expect(linesOf(oneByOne(text), "lf", 4)).toEqual(lines)
  })
})

test("any pieces give the same lines", () => {
  const text = fc.array(fc.constantFrom("\r", "\n", "\r\n", "a", "\uFEFF", "é", "茶", "🍵", "bcdefghijk"), {
    maxLength: 40,
  })
  const end = fc.constantFrom<LineEnd>("lf", "any")
  fc.assert(
    fc.property(text, end, fc.array(fc.nat(7)), fc.integer({ min: 1, max: 20 }), (parts, end, sizes, maxBytes) => {
      const whole = bytes(parts.join(""))
      const pieces: Uint8Array[] = []
      let at = 0
      for (const size of sizes) pieces.push(whole.subarray(at, (at += size)))
      pieces.push(whole.subarray(at))
      expect(linesOf(pieces, end, maxBytes)).toEqual(linesOf([whole], end, maxBytes))
    }),
  )
})

test("lines are what splitting the whole text gives", () => {
  const parts = fc.array(fc.constantFrom("\r", "\n", "a", "é", "🍵"), { maxLength: 40 })
  fc.assert(
    fc.property(parts, (parts) => {
      const text = parts.join("")
      for (const [end, separator] of [["lf", /\r?\n/], ["any", /\r\n|\r|\n/]] as const) {
        const split = text.split(separator)
        if (split.at(-1) === "") split.pop()
        expect(linesOf([bytes(text)], end)).toEqual(split)
      }
    }),
  )
}) // prettier-ignore
