import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { EventReader, type EventFields } from "./event-reader.ts"

interface Read {
  readonly events: readonly EventFields[]
  readonly lastEventId: string
  readonly retryMs: number | undefined
  readonly tooLong: boolean
}

function read(pieces: readonly Uint8Array[], lastEventId = "", maxBytes = 100_000): Read {
  const events: EventFields[] = []
  const problem = new Error("too long")
  const reader = new EventReader(lastEventId, maxBytes, () => {
    throw problem
  })
  let tooLong = false
  try {
    for (const piece of pieces) {
      reader.feed(piece)
      for (let event = reader.next(); event !== undefined; event = reader.next()) events.push(event)
    }
  } catch (error) {
    if (error !== problem) throw error
    tooLong = true
  }
  return { events, lastEventId: reader.lastEventId, retryMs: reader.retryMs, tooLong }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const dataOf = (text: string): string[] => read([bytes(text)]).events.map(({ data }) => data)
const x = "x".repeat(2048)

/** The cases of web-platform-tests/eventsource that are about the format, by their names there. */
describe("the data of", () => {
  test.each<[string, string, readonly string[]]>([
    ["format-bom", "\uFEFFdata:1\n\n\uFEFFdata:2\n\ndata:3\n\n", ["1", "3"]],
    ["format-bom-2", "\uFEFF\uFEFFdata:1\n\ndata:2\n\ndata:3\n\n", ["2", "3"]],
    ["format-comments", `data:1\r:\0\n:\r\ndata:2\n:${x}\rdata:3\n:data:fail\r:${x}\ndata:4\n\n`, ["1\n2\n3\n4"]],
    ["format-data-before-final-empty-line", "retry:1000\ndata:test1\n\nid:test\ndata:test2", ["test1"]],
    ["format-field-data", "data:\n\ndata\ndata\n\ndata:test\n\n", ["", "\n", "test"]],
    [
      "format-field-parsing",
      "data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n",
      ["\0\n 2\n1\n3\n\n4"],
    ],
    [
      "format-field-unknown",
      "data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n",
      ["test\n\ntest"],
    ],
    ["format-leading-space", "data:\ttest\rdata: \ndata:test\n\n", ["\ttest\n\ntest"]],
    ["format-newlines", "data:test\r\ndata\ndata:test\r\n\r", ["test\n\ntest"]],
    ["format-null-character", "data:\0\n\n", ["\0"]],
    ["format-utf-8", "data:ok…\n\n", ["ok…"]],
    ["event-data", "data:msg\ndata: msg\n\n:\nfalsefield:msg\n\nfalsefield:msg\nData:data\n\ndata\n\ndata:end\n\n", ["msg\nmsg", "", "end"]], // prettier-ignore
    ["no event", "", []],
    ["an event without its blank line", "data: 1\n", []],
    ["a value with colons", "data: a: b:c\n\n", ["a: b:c"]],
    ["blank lines alone", "\n\n\r\r\n", []],
  ])("%s", (_, text, data) => {
    expect(dataOf(text)).toEqual(data)
  })
})

describe("the type of", () => {
  test.each<[string, string, readonly string[]]>([
    ["format-field-event", "event:test\ndata:x\n\ndata:x\n\n", ["test", "message"]],
    ["format-field-event-empty", "event: \ndata:data\n\n", ["message"]],
    ["one that is named twice", "event: a\nevent: b\ndata\n\n", ["b"]],
    ["one that an event without data named", "event: a\n\ndata: x\n\n", ["message"]],
    ["one that is no word", "event: a b:c \ndata\n\n", ["a b:c "]],
  ])("%s", (_, text, types) => {
    expect(read([bytes(text)]).events.map(({ type }) => type)).toEqual(types)
  })
})

describe("the last id of", () => {
  test.each<[string, string, readonly string[], string]>([
    ["format-field-id", "id: 1\ndata: a\n\n", ["1"], "1"],
    ["format-field-id-2", "id: …\ndata: hello\n\ndata: again\n\n", ["…", "…"], "…"],
    ["format-field-id-3 (persists)", "id: 1\ndata: a\n\ndata: b\n\n", ["1", "1"], "1"],
    ["format-field-id-3 (changes)", "id: 1\ndata: a\n\nid: 2\ndata: b\n\ndata: c\n\n", ["1", "2", "2"], "2"],
    ["format-field-id-3 (resets)", "id: 1\ndata: a\n\nid:\ndata: b\n\ndata: c\n\n", ["1", "", ""], ""],
    ["format-field-id-3 (resets by the name alone)", "id: 1\ndata: a\n\nid\ndata: b\n\n", ["1", ""], ""],
    ["format-field-id-null", "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", ["1", "1"], "1"],
    ["an event without data", "id: 7\n\n", [], "7"],
    ["an event that is not whole", "id: 1\ndata: a\n\nid: 2\ndata: b\n", ["1"], "1"],
  ])("%s", (_, text, ids, last) => {
    const { events, lastEventId } = read([bytes(text)])
    expect(events.map((event) => event.lastEventId)).toEqual(ids)
    expect(lastEventId).toBe(last)
  })

  test("a stream that goes on after an id stays, until another is named", () => {
    const { events, lastEventId } = read([bytes("data: a\n\nid: 8\ndata: b\n\n")], "7")
    expect(events.map((event) => event.lastEventId)).toEqual(["7", "8"])
    expect(lastEventId).toBe("8")
    expect(read([], "7").lastEventId).toBe("7")
  })
})

describe("the reconnection time of", () => {
  test.each<[string, string, number | undefined]>([
    ["format-field-retry", "retry:3000\ndata:x\n\n", 3000],
    ["format-field-retry-bogus", "retry:3000\nretry:1000x\ndata:x\n\n", 3000],
    ["format-field-retry-empty", "retry\ndata:test\n\n", undefined],
    ["zero", "retry: 0\n", 0],
    ["leading zeros", "retry: 0050\n", 50],
    ["a sign", "retry: -1\nretry: +1\n", undefined],
    ["a fraction", "retry: 1.5\n", undefined],
    ["an exponent", "retry: 1e3\n", undefined],
    ["digits of another script", "retry: ٣\n", undefined],
    ["two spaces", "retry:  5\n", undefined],
    ["more than a number holds", `retry: ${"9".repeat(400)}\n`, 1e12],
  ])("%s", (_, text, retryMs) => {
    expect(read([bytes(text)]).retryMs).toBe(retryMs)
  })
})

describe("an event's length", () => {
  test.each<[string, string, readonly string[], boolean]>([
    ["is that of its lines", "data: 1\ndata: 2\n\ndata: 3\n\n", ["1\n2", "3"], false],
    ["counts all its lines", "data: 1\n\ndata: 2\ndata: 3\nx\n\n", ["1"], true],
    ["counts no comments", "data: 1\n:1234567\n:1234567\ndata: 2\n\n", ["1\n2"], false],
    ["bounds one line", "data: 1\n\ndata: 1234567890", ["1"], true],
    ["bounds one comment", "data: 1\n\n:12345678901234", ["1"], true],
  ])("%s", (_, text, data, tooLong) => {
    for (const pieces of [[bytes(text)], [...bytes(text)].map((byte) => Uint8Array.of(byte))]) {
      const result = read(pieces, "", 14)
      expect([result.events.map((event) => event.data), result.tooLong]).toEqual([data, tooLong])
    }
  })
})

test("any pieces give the same events", () => {
  const part = fc.constantFrom(
    "data", "data: ", "event: ", "id: ", "retry: ", ":", ": ", "\r", "\n", "\r\n", "\n\n", "\r\r", "\uFEFF", "\0", "é", "茶", "🍵", "7", "x",
  ) // prettier-ignore
  const limit = fc.constantFrom(20, 100_000)
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), fc.array(fc.nat(9)), limit, (parts, sizes, maxBytes) => {
      const whole = bytes(parts.join(""))
      const pieces: Uint8Array[] = []
      let at = 0
      for (const size of sizes) pieces.push(whole.subarray(at, (at += size)))
      pieces.push(whole.subarray(at))
      expect(read(pieces, "", maxBytes)).toEqual(read([whole], "", maxBytes))
    }),
    { numRuns: 500 },
  )
})

test("what a server writes is what is read", () => {
  const text = fc.string({ unit: "grapheme" }).map((value) => value.replaceAll("\r", ""))
  const line = text.map((value) => value.replaceAll("\n", ""))
  const event = fc.record({ type: line, data: text, id: line.filter((value) => !value.includes("\0")) })
  fc.assert(
    fc.property(fc.array(event), fc.constantFrom("\n", "\r", "\r\n"), (events, end) => {
      const sent = events.map(({ type, data, id }) =>
        [`event: ${type}`, ...data.split("\n").map((value) => `data: ${value}`), `id: ${id}`, "", ""].join(end),
      )
      const expected = events.map(({ type, data, id }) => ({ type: type || "message", data, lastEventId: id }))
      expect(read([bytes(sent.join(""))]).events).toEqual(expected)
    }),
  )
})
