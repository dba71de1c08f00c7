import { createHash, type Hash } from "node:crypto"
import { ABORTED, ConfigurationError, untilAborted, type BodyContent, type BodySource, type Signal } from "steadfetch"

/** Bodies up to this many bytes are stored beside their entry; longer ones are given to the store as a stream. */
const INLINE_BYTES = 64 * 1024

type Bytes = Uint8Array<ArrayBuffer>

/** Reads the body of a request on its way into the store. */
export interface BodyReading {
  /** The most bytes that it may have. */
  readonly mostBytes: number
  readonly signal: Signal | undefined
}

/**
 * The body as a store takes it: bytes when they are few, else a stream.
 * @throws ConfigurationError for one that is too long; what its stream throws; the signal's reason.
 */
export async function incomingBody(source: BodySource, reading: BodyReading): Promise<Bytes | IncomingStream> {
  if (source.length !== undefined) refuseLonger(source.length, reading.mostBytes)
  const content = source.open()
  if (typeof content === "string" || content instanceof Uint8Array) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
    refuseLonger(bytes.byteLength, reading.mostBytes)
    return bytes.byteLength <= INLINE_BYTES ? bytes : new IncomingStream([], pieces(bytes), reading)
  }
  const stream = bytesOf(content)[Symbol.asyncIterator]()
  const begun: Uint8Array[] = []
  for (let read = 0; read <= INLINE_BYTES;) {
    const next = await pulled(stream, reading.signal)
    if (next.done === true) return joined(begun, reading.mostBytes)
    begun.push(next.value)
    read += next.value.byteLength
  }
  return new IncomingStream(begun, stream, reading)
}

/** A body under way: counted, digested, and ended early by the signal. It is read once. */
export class IncomingStream implements AsyncIterable<Bytes> {
  readonly #begun: readonly Uint8Array[]
  readonly #rest: AsyncIterator<Uint8Array>
  readonly #reading: BodyReading
  readonly #hash: Hash = createHash("sha256")
  #bytes = 0
  #pieces: AsyncGenerator<Bytes> | undefined
  /** What ended it before its end: what the caller's stream threw, the signal's reason, or that it is too long. */
  failure: { readonly error: unknown } | undefined

  constructor(begun: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>, reading: BodyReading) {
    this.#begun = begun
    this.#rest = rest
    this.#reading = reading
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Without `return`: whoever stops reading leaves the rest to be digested. */
  [Symbol.asyncIterator](): AsyncIterator<Bytes> {
    this.#pieces ??= this.#read()
    const pieces = this.#pieces
    return { next: () => pieces.next() }
  }

  /** Its digest; what nobody has read of it is read for that. */
  async digest(): Promise<string> {
    for await (const _ of this);
    return this.#hash.copy().digest("base64url")
  }

  /** Lets go of what nobody will read any more. */
  discard(): void {
    this.#rest.return?.()?.then(undefined, () => {})
  }

  async *#read(): AsyncGenerator<Bytes> {
    try {
      for (const piece of this.#begun) yield this.#counted(piece)
      for (;;) {
        const next = await pulled(this.#rest, this.#reading.signal)
        if (next.done === true) return
        yield this.#counted(next.value)
      }
    } catch (error) {
      this.failure = { error }
      this.discard()
      throw error
    }
  }

  #counted(piece: Uint8Array): Bytes {
    this.#bytes += piece.byteLength
    refuseLonger(this.#bytes, this.#reading.mostBytes)
    this.#hash.update(piece)
    return piece as Bytes
  }
}

/** The next piece, or the signal's reason as soon as it fires: a stream may never say anything again. */
async function pulled(
  stream: AsyncIterator<Uint8Array>,
  signal: Signal | undefined,
): Promise<IteratorResult<Uint8Array>> {
  const next = await untilAborted(Promise.resolve(stream.next()), signal)
  if (next !== ABORTED) return next
  stream.return?.()?.then(undefined, () => {})
  throw signal?.reason
}

function bytesOf(content: Exclude<BodyContent, string | Uint8Array>): AsyncIterable<Uint8Array> {
  return content instanceof Blob ? content.stream() : content
}

async function* pieces(bytes: Bytes): AsyncGenerator<Bytes> {
  for (let at = 0; at < bytes.byteLength; at += INLINE_BYTES) yield bytes.subarray(at, at + INLINE_BYTES)
}

function joined(parts: readonly Uint8Array[], mostBytes: number): Bytes {
  const bytes = Buffer.concat(parts)
  refuseLonger(bytes.byteLength, mostBytes)
  return bytes
}

function refuseLonger(bytes: number, mostBytes: number): void {
  if (bytes > mostBytes)
    throw new ConfigurationError(
      `the body has more than ${mostBytes} bytes; raise "limits.bodyBytes", or upload it elsewhere and send its address`,
    )
}
