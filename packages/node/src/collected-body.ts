import { constants } from "node:buffer"
import { WholeBody } from "steadfetch"
import type { BodySink, OpenAttempt } from "./body-sink.ts"
import { brokenBody, tooLarge } from "./body-failure.ts"
import { codingsOf, type Coding } from "./content-coding.ts"
import type { ReplyFields } from "./reply-fields.ts"

/** The most of an error's body that is read for its explanation where a success would be a stream. */
const MOST_EXPLANATION_BYTES = 1 << 20

/** A body that belongs inside its attempt: its pieces are kept, and handed over when the last one is there. */
export class CollectedBody implements BodySink {
  readonly #attempt: OpenAttempt
  readonly #status: number
  readonly #fields: ReplyFields
  readonly #pieces: Buffer[] = []
  readonly #maxBytes: number
  #length = 0

  constructor(attempt: OpenAttempt, status: number, fields: ReplyFields) {
    const { reading, maxBodyBytes, watch } = attempt.exchange
    this.#attempt = attempt
    this.#status = status
    this.#fields = fields
    this.#maxBytes = reading === "stream" ? MOST_EXPLANATION_BYTES : maxBodyBytes
    watch?.waiting()
  }

  push(piece: Buffer): void {
    this.#attempt.exchange.watch?.waiting()
    this.#length += piece.length
    if (this.#length > this.#maxBytes) {
      this.#exceed()
      this.#attempt.cancel()
    } else this.#pieces.push(piece)
  }

  end(): void {
    this.#attempt.exchange.watch?.arrived()
    const [first = Buffer.alloc(0)] = this.#pieces
    const bytes = this.#pieces.length < 2 ? first : Buffer.concat(this.#pieces, this.#length)
    const encoding = this.#length === 0 ? null : this.#fields.get("content-encoding")
    const codings = encoding === null ? [] : (codingsOf(encoding) ?? [])
    if (codings.length === 0) return this.#reply(bytes)
    this.#decoded(bytes, codings).then(
      (decoded) => this.#reply(decoded),
      (error: unknown) => (isTooLarge(error) ? this.#exceed() : this.fail(error)),
    )
  }

  fail(error: unknown): void {
    this.#attempt.settle(brokenBody(error, this.#attempt.exchange.signal))
  }

  /** An error whose body is too long to be read explains nothing, but is a reply. */
  #exceed(): void {
    if (this.#attempt.exchange.reading === "stream") this.#reply(new Uint8Array())
    else this.#attempt.settle(tooLarge(this.#maxBytes))
  }

  #reply(bytes: Uint8Array): void {
    this.#attempt.release()
    this.#attempt.settle({
      kind: "reply",
      status: this.#status,
      url: undefined,
      headers: this.#fields,
      body: new WholeBody(bytes as Uint8Array<ArrayBuffer>),
    })
  }

  async #decoded(bytes: Uint8Array, codings: readonly Coding[]): Promise<Uint8Array> {
    let decoded = bytes
    const maxOutputLength = Math.min(Math.max(1, this.#maxBytes), constants.MAX_LENGTH)
    for (const coding of codings) decoded = await coding.whole(decoded, { maxOutputLength })
    return decoded
  }
}

/** zlib's word for output beyond `maxOutputLength`: it keeps a decompression bomb from exploding. */
function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"
}
