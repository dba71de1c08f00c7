import { WholeBody, type Failure, type ReplyBody } from "steadfetch"

/** A body that has arrived, in the pieces in which it came: joined when someone asks for its bytes. */
export class ReceivedPieces implements ReplyBody {
  readonly #pieces: readonly Buffer[]
  readonly #length: number
  #whole: WholeBody | undefined

  constructor(pieces: readonly Buffer[], length: number) {
    this.#pieces = pieces
    this.#length = length
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#joined().bytes
  }

  text(): string {
    const [first] = this.#pieces
    const text =
      first !== undefined && this.#pieces.length === 1
        ? first.toString()
        : Buffer.concat(this.#pieces, this.#length).toString()
    // As TextDecoder does.
    return text.startsWith("\ufeff") ? text.slice(1) : text
  }

  stream(_describe: (failure: Failure) => unknown): ReadableStream<Uint8Array> {
    return this.#joined().stream()
  }

  retryAfterMs(): number | undefined {
    return this.#joined().retryAfterMs()
  }

  discard(): void {}

  onEnd(release: () => void): void {
    release()
  }

  #joined(): WholeBody {
    this.#whole ??= new WholeBody(joined(this.#pieces, this.#length))
    return this.#whole
  }
}

/** The pieces in memory of their own: they themselves share theirs with whatever else came or was decoded. */
export function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const [first] = pieces
  const isAlone = pieces.length === 1 && first?.byteOffset === 0 && first.length === first.buffer.byteLength
  if (isAlone) return new Uint8Array(first.buffer as ArrayBuffer)
  const whole = new Uint8Array(length)
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.length
  }
  return whole
}
