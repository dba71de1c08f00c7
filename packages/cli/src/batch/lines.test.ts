import * as fc from "fast-check"
import { expect, test } from "vitest"
import { grouped, linesOf, type Line } from "./lines.ts"

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

const linesIn = (text: string): Promise<Line[]> => collected(linesOf([new TextEncoder().encode(text)]))

test("empty lines are counted and left out, and the last one needs no end", async () => {
  expect(await linesIn("a\n\n  \r\nb \r\nc")).toEqual([
    { number: 1, text: "a" },
    { number: 4, text: "b" },
    { number: 5, text: "c" },
  ])
})

test("separators that may stand in JSON end no line, and a byte order mark is none of the text", async () => {
  expect(await linesIn("\ufeffa\u2028b\u0085c")).toEqual([{ number: 1, text: "a\u2028b\u0085c" }])
})

test("bytes that are no UTF-8 are refused with their line", async () => {
  await expect(collected(linesOf([Buffer.from("a\nb\n"), Uint8Array.of(255, 10)]))).rejects.toThrow(
    "line 3, or one after it, is not UTF-8; convert the file",
  )
  await expect(collected(linesOf([Uint8Array.of(0xe2, 0x82)]))).rejects.toThrow("line 1, or one after it")
})

test("the lines are the same, however the bytes come", async () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n]/g, "").trim())
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 9 }), async (lines, size) => {
      const bytes = Buffer.from(lines.join("\n"))
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      )
      const expected = lines.flatMap((text, at) => (text === "" ? [] : [{ number: at + 1, text }]))
      expect(await collected(linesOf(pieces))).toEqual(expected)
    }),
  )
})

test("items come in groups, the last one as large as it is", async () => {
  const items = async function* () {
    yield* [1, 2, 3, 4, 5]
  }
  expect(await collected(grouped(items(), 2))).toEqual([[1, 2], [3, 4], [5]])
  expect(await collected(grouped(items(), 5))).toEqual([[1, 2, 3, 4, 5]])
})
