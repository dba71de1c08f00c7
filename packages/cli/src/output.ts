import type { Writable } from "node:stream"
import { paintFor, type Paint } from "./paint.ts"

/** Standard output or standard error. When its reader leaves (`| head -1`), it says so and takes the rest in silence. */
export class Output {
  readonly isTerminal: boolean
  readonly paint: Paint
  readonly #stream: Writable
  readonly #abandonment = new AbortController()

  constructor(stream: Writable & { readonly isTTY?: boolean }, paint: Paint = paintFor(stream)) {
    this.#stream = stream
    this.isTerminal = stream.isTTY === true
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

  line(text: string): void {
    this.text(`${text}\n`)
  }

  text(text: string): void {
    if (!this.abandoned.aborted) this.#stream.write(text)
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
