import { LineReader } from "../algorithms/line-reader.ts"
import type { Call } from "../call.ts"
import type { Signal } from "../cancellation.ts"
import type { ReceivedReply } from "../received-reply.ts"
import { checkSchema } from "../schema.ts"
import type { StandardSchema } from "../standard-schema.ts"
import { knownOptions, whole } from "../validation.ts"
import { pieces } from "./parts/pieces.ts"
import { Stoppable } from "./parts/stoppable.ts"

/** Options of {@link lineStreams}. */
export interface LineOptions {
  /** The most bytes of one line; a longer one ends the stream with a BodyError. Default 16 MiB. */
  readonly maxLineBytes?: number | undefined
}

const MOST_LINE_BYTES = 16 * 1024 * 1024

/** Reads bodies line by line, as they arrive. Give it to `steadfetch()` as `abilities: [lineStreams]`. */
export const lineStreams = {
  /**
   * The body's lines, as they arrive, without their ends: LF or CRLF. It is UTF-8, and a byte order mark is dropped. What
   * stands after the last line's end is a line, too, unless the body breaks off: then it may be half a line.
   * The call is sent, once, when the first line is asked for, and no more is read than is asked for. Leaving the loop frees
   * the connection. A body that breaks off is not asked for again, as its lines were handed over.
   * @throws ConfigurationError for options that there are not. The loop throws what `stream` does, and a BodyError for a
   *   line that is too long.
   */
  lines(this: Call, options: LineOptions = {}): AsyncIterableIterator<string, undefined, undefined> {
    return new Lines(this, undefined, "lines", options, ({ text }) => text)
  },

  /**
   * The values of a body that holds one JSON text per line: NDJSON, JSON Lines, and JSON text sequences (RFC 7464) whose
   * texts are a line each. Blank lines are skipped. All else is as with `lines`.
   * @param schema Checks each value, which is then what the schema makes of it.
   * @throws As `lines`. The loop throws a BodyError that names the line, for one that is no JSON, and, with `issues`, for
   *   one that the schema refuses.
   */
  jsonLines<T = unknown>(
    this: Call,
    schema?: StandardSchema<T>,
    options: LineOptions = {},
  ): AsyncIterableIterator<T, undefined, undefined> {
    if (schema !== undefined) checkSchema(schema)
    return new Lines(this, JSON_LINES, "jsonLines", options, ({ text, number, reply }) => {
      const json = text.startsWith(RECORD_SEPARATOR) ? text.slice(1) : text
      if (json.trim() === "") return SKIPPED
      const value = reply.parseJson(json, `line ${number}: `)
      return schema === undefined ? (value as T) : reply.conformed(schema, value, `line ${number}`)
    })
  },
}

/** There is no registered type; these are what APIs use. What has only one form comes whatever is asked for. */
const JSON_LINES = "application/x-ndjson, application/jsonl, application/json-seq, */*;q=0.1"

/** What begins a text of a JSON text sequence (RFC 7464 §2.2). */
const RECORD_SEPARATOR = "\u001e"

const SKIPPED: unique symbol = /* @__PURE__ */ Symbol("skipped")

interface Line {
  readonly text: string
  /** From 1. */
  readonly number: number
  readonly reply: ReceivedReply
}

/** What becomes of a line. */
type Reading<T> = (line: Line) => T | typeof SKIPPED | Promise<T>

class Lines<T> extends Stoppable<T> {
  readonly #call: Call
  readonly #accept: string | undefined
  readonly #maxBytes: number
  readonly #value: Reading<T>

  constructor(call: Call, accept: string | undefined, name: string, options: LineOptions, value: Reading<T>) {
    super(call.context.options.signal)
    knownOptions(name, options, ["maxLineBytes"])
    this.#call = call
    this.#accept = accept
    this.#maxBytes = whole(`${name}.maxLineBytes`, options.maxLineBytes ?? MOST_LINE_BYTES, 1)
    this.#value = value
  }

  protected async *run(signal: Signal): AsyncGenerator<T, void, undefined> {
    for await (const line of this.#lines(signal)) {
      const value = await this.#value(line)
      if (value !== SKIPPED) yield value
    }
  }

  async *#lines(signal: Signal): AsyncGenerator<Line, void, undefined> {
    const outcome = await this.#call.context.send("stream", this.#accept, signal)
    if (outcome.kind !== "success") throw outcome.error
    const reply = outcome as typeof outcome & ReceivedReply
    const lines = new LineReader("lf", this.#maxBytes, () => {
      throw reply.bodyError(`line ${number + 1} is longer than ${this.#maxBytes} bytes; raise maxLineBytes`)
    })
    let number = 0
    const body = reply.stream((failure) => ({
      ...failure,
      message: `${failure.message}, after ${number} whole line${number === 1 ? "" : "s"}`,
    }))
    for await (const piece of pieces(body, signal)) {
      lines.feed(piece)
      for (let text = lines.next(); text !== undefined; text = lines.next()) yield { text, number: ++number, reply }
    }
    const text = lines.rest()
    if (text !== undefined) yield { text, number: ++number, reply }
  }
}
