import { LineReader } from "./line-reader.ts"

/** It bounds arithmetic, not patience (about 31 years). */
const LONGEST_RETRY_MS = 1e12

/** What a server-sent event says. */
export interface EventFields {
  /** "message" where the server names no other. */
  readonly type: string
  /** The event's `data` lines, joined with line feeds. */
  readonly data: string
  /** The last `id` that the stream named, in this event or before; "" while there is none. */
  readonly lastEventId: string
}

/**
 * Reads events out of bytes, in whatever pieces they come, as WHATWG HTML §9.2.6 "Interpreting an event stream" says.
 * What no blank line ends is no event.
 */
export class EventReader {
  readonly #lines: LineReader
  readonly #maxBytes: number
  readonly #tooLong: () => never
  #id: string
  #type = ""
  #data: string[] = []
  #bytes = 0
  /** As of the last blank line. */
  lastEventId: string
  /** Milliseconds that the server asks to wait before a reconnection, once it has. */
  retryMs: number | undefined = undefined

  /**
   * @param lastEventId What the stream goes on from. As in browsers it stays until the server names another.
   * @param tooLong Throws what an event or a comment of more than `maxBytes` ends with.
   */
  constructor(lastEventId: string, maxBytes: number, tooLong: () => never) {
    this.#lines = new LineReader("any", maxBytes, tooLong)
    this.#maxBytes = maxBytes
    this.#tooLong = tooLong
    this.#id = lastEventId
    this.lastEventId = lastEventId
  }

  /** Takes the next piece, once `next` has given all events of the one before. */
  feed(input: Uint8Array): void {
    this.#lines.feed(input)
  }

  /** The next whole event; undefined when there is none before more is fed. */
  next(): EventFields | undefined {
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      const event = line === "" ? this.#ended() : this.#take(line)
      if (event !== undefined) return event
    }
    return undefined
  }

  #ended(): EventFields | undefined {
    this.lastEventId = this.#id
    const [type, data] = [this.#type, this.#data]
    this.#type = ""
    this.#data = []
    this.#bytes = 0
    if (data.length === 0) return undefined
    return { type: type === "" ? "message" : type, data: data.join("\n"), lastEventId: this.#id }
  }

  #take(line: string): undefined {
    const colon = line.indexOf(":")
    if (colon === 0) return
    this.#bytes += this.#lines.lineBytes
    if (this.#bytes > this.#maxBytes) this.#tooLong()
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1))
    if (name === "data") this.#data.push(value)
    else if (name === "event") this.#type = value
    else if (name === "id" && !value.includes("\0")) this.#id = value
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.retryMs = Math.min(Number(value), LONGEST_RETRY_MS)
  }
}
