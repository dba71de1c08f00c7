import { Buffer } from "node:buffer"

/** Bytes waiting beyond this make the sender wait. */
const FULL_AT_BYTES = 256 * 1024

/** Bytes that have come in and are not yet read. */
export class Inbox {
  #bytes: Buffer = Buffer.alloc(0)
  #ended = false
  #discarding = false
  #wake: (() => void) | undefined
  readonly #flow: (open: boolean) => void

  /** `flow` is told to stop the sender (false) and to let it go on (true). */
  constructor(flow: (open: boolean) => void) {
    this.#flow = flow
  }

  push(chunk: Buffer): void {
    if (this.#discarding || chunk.length === 0) return
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    if (this.#bytes.length >= FULL_AT_BYTES) this.#flow(false)
    this.#wake?.()
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** Nothing more will be read: what is here and what comes is dropped. */
  discard(): void {
    this.#discarding = true
    this.#bytes = Buffer.alloc(0)
    this.#flow(true)
  }

  /** The unread bytes, left where they are. */
  get waiting(): Buffer {
    return this.#bytes
  }

  /** Removes up to so many bytes and returns them. */
  take(mostBytes: number): Buffer {
    const taken = this.#bytes.subarray(0, mostBytes)
    this.#bytes = this.#bytes.subarray(taken.length)
    if (this.#bytes.length < FULL_AT_BYTES) this.#flow(true)
    return taken
  }

  /** Waits until more bytes than now are here; false when that will not happen. For one reader at a time. */
  async more(): Promise<boolean> {
    const had = this.#bytes.length
    if (!this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    return this.#bytes.length > had
  }
}
