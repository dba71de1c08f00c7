import { constants } from "node:buffer"
import { MOST_EXPLANATION_BYTES, tooLarge, WholeBody, type ReplyBody } from "steadfetch"
import type { BodySink, OpenAttempt } from "./body-sink.ts"
import { brokenBody } from "./body-failure.ts"
import { codingsOf, type Coding } from "./content-coding.ts"
import { joined, ReceivedPieces } from "./received-pieces.ts"
import type { ReplyFields } from "./reply-fields.ts"

/** A body that belongs inside its attempt: its pieces are kept, and handed over when the last one is there. */
export class CollectedBody implements BodySink {
  readonly #attempt: OpenAttempt
  readonly #status: number
  readonly #fields: ReplyFields
  readonly #codings: readonly Coding[]
  readonly #pieces: Buffer[] = []
  readonly #maxBytes: number
  readonly #maxReceivedBytes: number
  #length = 0

  constructor(attempt: OpenAttempt, status: number, fields: ReplyFields) {
    const { reading, maxBodyBytes, watch } = attempt.exchange
    this.#attempt = attempt
    this.#status = status
    this.#fields = fields
    const encoding = fields.get("content-encoding")
    this.#codings = encoding === null ? [] : (codingsOf(encoding) ?? [])
    this.#maxBytes = reading === "stream" ? MOST_EXPLANATION_BYTES : maxBodyBytes
    // A coding makes what is hard to compress longer: the limit is for what comes out.
    this.#maxReceivedBytes = this.#codings.length === 0 ? this.#maxBytes : 2 * this.#maxBytes + 1024
    watch?.waiting()
  }

  push(piece: Buffer): void {
    this.#attempt.exchange.watch?.waiting()
    this.#length += piece.length
    if (this.#length > this.#maxReceivedBytes) {
      this.#exceed()
      this.#attempt.cancel()
    } else this.#pieces.push(piece)
  }

  end(): void {
    this.#attempt.exchange.watch?.arrived()
    if (this.#codings.length === 0 || this.#length === 0)
      return this.#reply(new ReceivedPieces(this.#pieces, this.#length))
    this.#decoded(joined(this.#pieces, this.#length)).then(
      (decoded) => this.#reply(new WholeBody(decoded)),
      (error: unknown) => (isTooLarge(error) ? this.#exceed() : this.fail(error)),
    )
  }

  fail(error: unknown): void {
    this.#attempt.settle(brokenBody(error, this.#attempt.exchange.signal))
  }

  /** An error whose body is too long to be read explains nothing, but is a reply. */
  #exceed(): void {
    if (this.#attempt.exchange.reading === "stream") this.#reply(new WholeBody(new Uint8Array(), true))
    else this.#attempt.settle(tooLarge(this.#maxBytes))
  }

  #reply(body: ReplyBody): void {
    this.#attempt.release()
    this.#attempt.settle({ kind: "reply", status: this.#status, url: undefined, headers: this.#fields, body })
  }

  async #decoded(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    let decoded = bytes
    const maxOutputLength = Math.min(Math.max(1, this.#maxBytes), constants.MAX_LENGTH)
    for (const coding of this.#codings) decoded = await coding.whole(decoded, { maxOutputLength })
    return joined([decoded], decoded.length)
  }
}

/** zlib's word for output beyond `maxOutputLength`: it keeps a decompression bomb from exploding. */
function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"
}
