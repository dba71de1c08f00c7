import type { Writable } from "node:stream"
import { paintFor, type Paint } from "./paint.ts"
import { cut } from "./width.ts"

/** To the line's beginning, which clears it. */
const CLEAR = "\r\u001b[K"

type Stream = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** Standard output or standard error. When its reader leaves (`| head -1`), it says so and takes the rest in silence. */
export class Output {
  readonly isTerminal: boolean
  /** Whether a line can be drawn anew in its place. */
  readonly canRedraw: boolean
  readonly paint: Paint
  readonly #stream: Stream
  readonly #abandonment = new AbortController()
  /** The line that the next one replaces. */
  #live = ""

  /** @param term The kind of terminal, as in TERM. */
  constructor(stream: Stream, paint: Paint = paintFor(stream), term = process.env["TERM"]) {
    this.#stream = stream
    this.isTerminal = stream.isTTY === true
    this.canRedraw = this.isTerminal && term !== "dumb"
    this.paint = paint
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") throw error
      this.#abandonment.abort(error)
    })
  }

  /** Fires when nobody reads any more. */
  get abandoned(): AbortSignal {
    return this.#abandonment.signal
  }

  /** How many characters fit into a line, so that it is not broken. */
  get columns(): number {
    return Math.max(1, (this.#stream.columns || 80) - 1)
  }

  line(text: string): void {
    const live = this.#live
    this.live("")
    this.text(`${text}\n`)
    this.live(live)
  }

  text(text: string): void {
    if (!this.abandoned.aborted) this.#stream.write(text)
  }

  /**
   * Shows a line at the end of all others, in place of the one before; "" takes it away. Only where that can be done: it
   * writes nothing elsewhere. The cursor stays visible, and nothing else of the terminal's is changed, so that there is
   * nothing to restore, however the process ends.
   */
  live(text: string): void {
    if (!this.canRedraw || (text === "" && this.#live === "")) return
    this.#live = text
    this.text(text === "" ? CLEAR : `\r${cut(text, this.columns)}\u001b[K`)
  }

  /** Writes and waits until there is room for more. False when nobody reads any more. */
  async bytes(chunk: Uint8Array | string): Promise<boolean> {
    if (this.abandoned.aborted) return false
    await new Promise<void>((resolve) => {
      this.#stream.write(chunk, () => resolve())
    })
    // The callback of a failed write runs before the stream tells of the error.
    await new Promise<void>((resolve) => process.nextTick(resolve))
    return !this.abandoned.aborted
  }
}
