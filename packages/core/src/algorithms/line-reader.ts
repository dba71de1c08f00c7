/** Keeps byte order marks, as only the first one of a stream is none of its text. */
const UTF8 = /* @__PURE__ */ new TextDecoder("utf-8", { ignoreBOM: true })

const LF = 10
const CR = 13
const NOTHING: Uint8Array = new Uint8Array()

/** A buffer above this is not kept for the next line. */
const LARGEST_KEPT = 65_536

/** What ends a line: "lf" is LF or CRLF; "any" is these and a CR by itself. */
export type LineEnd = "lf" | "any"

/**
 * Cuts bytes, in whatever pieces they come, into lines of UTF-8 text without their ends. One byte order mark at the start is
 * dropped; what is no UTF-8 becomes U+FFFD. Each byte is looked at once, and no more than a line is kept.
 */
export class LineReader {
  readonly #end: LineEnd
  readonly #maxBytes: number
  readonly #tooLong: () => never
  #input = NOTHING
  #at = 0
  #kept = new Uint8Array()
  #keptBytes = 0
  #isAfterCr = false
  #isFirst = true
  /** How long the last line was. */
  lineBytes = 0

  /** @param tooLong Throws what a line of more than `maxBytes` ends with. */
  constructor(end: LineEnd, maxBytes: number, tooLong: () => never) {
    this.#end = end
    this.#maxBytes = maxBytes
    this.#tooLong = tooLong
  }

  /** Takes the next piece, once `next` has given all lines of the one before. */
  feed(input: Uint8Array): void {
    this.#input = input
    this.#at = 0
  }

  /** The next whole line; undefined when there is none before more is fed. */
  next(): string | undefined {
    const input = this.#input
    if (this.#isAfterCr && this.#at < input.length) {
      this.#isAfterCr = false
      if (input[this.#at] === LF) this.#at++
    }
    const from = this.#at
    let end = from
    while (end < input.length && !this.#isEnd(input[end])) end++
    if (this.#keptBytes + end - from > this.#maxBytes) this.#tooLong()
    const part = input.subarray(from, end)
    if (end === input.length) {
      this.#at = end
      this.#keep(part)
      return undefined
    }
    this.#at = end + 1
    this.#isAfterCr = input[end] === CR
    const line = this.#text(part)
    return this.#end === "lf" && line.endsWith("\r") ? line.slice(0, -1) : line
  }

  /** What stands after the last line's end; undefined when nothing does. */
  rest(): string | undefined {
    return this.#keptBytes === 0 ? undefined : this.#text(NOTHING)
  }

  #isEnd(byte: number | undefined): boolean {
    return byte === LF || (byte === CR && this.#end === "any")
  }

  #text(last: Uint8Array): string {
    let bytes = last
    if (this.#keptBytes > 0) {
      this.#keep(last)
      bytes = this.#kept.subarray(0, this.#keptBytes)
      this.#keptBytes = 0
    }
    this.lineBytes = bytes.length
    const text = UTF8.decode(bytes)
    if (this.#kept.length > LARGEST_KEPT) this.#kept = new Uint8Array()
    if (!this.#isFirst) return text
    this.#isFirst = false
    return text.startsWith("\uFEFF") ? text.slice(1) : text
  }

  #keep(part: Uint8Array): void {
    const length = this.#keptBytes + part.length
    if (length > this.#kept.length) {
      // Twice as much each time, so that many small pieces are not copied once per piece.
      const larger = new Uint8Array(Math.max(length, 2 * this.#kept.length, 256))
      larger.set(this.#kept.subarray(0, this.#keptBytes))
      this.#kept = larger
    }
    this.#kept.set(part, this.#keptBytes)
    this.#keptBytes = length
  }
}
