import { retryInfoMs } from "./algorithms/retry-after.ts"
import type { Exchange, Watch } from "./exchange.ts"
import { failure, isFailure, type Failure, type ReplyBody } from "./outcome.ts"

/** A body that has arrived. */
export class WholeBody implements ReplyBody {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly isGivenUp: boolean

  constructor(bytes: Uint8Array<ArrayBuffer>, isGivenUp = false) {
    this.bytes = bytes
    this.isGivenUp = isGivenUp
  }

  stream(): ReadableStream<Uint8Array> {
    const { bytes } = this
    return new ReadableStream({
      start(controller) {
        if (bytes.byteLength > 0) controller.enqueue(bytes)
        controller.close()
      },
    })
  }

  /** Google's APIs name the delay in the body of an error. */
  retryAfterMs(): number | undefined {
    return retryInfoMs(new TextDecoder().decode(this.bytes))
  }

  discard(): void {}

  onEnd(release: () => void): void {
    release()
  }
}

/** A body under way, read from a web stream as its consumer asks for it. */
export class StreamedBody implements ReplyBody {
  readonly bytes = undefined
  readonly #source: ReadableStream<Uint8Array>
  readonly #watch: Watch | undefined
  readonly #broken: (error: unknown) => Failure
  readonly #releases: (() => void)[] = []
  #ended = false

  constructor(source: ReadableStream<Uint8Array>, watch: Watch | undefined, broken: (error: unknown) => Failure) {
    this.#source = source
    this.#watch = watch
    this.#broken = broken
  }

  stream(describe: (failure: Failure) => unknown): ReadableStream<Uint8Array> {
    const reader = this.#source.getReader()
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          this.#watch?.waiting()
          try {
            const { done, value } = await reader.read()
            this.#watch?.arrived()
            if (!done) return controller.enqueue(value)
            controller.close()
          } catch (error) {
            controller.error(describe(this.#broken(error)))
          }
          this.#end()
        },
        cancel: (reason) => {
          this.#end()
          reader.cancel(reason).catch(() => {})
        },
      },
      { highWaterMark: 0 },
    )
  }

  discard(): void {
    this.#end()
    if (!this.#source.locked) this.#source.cancel().catch(() => {})
  }

  onEnd(release: () => void): void {
    if (this.#ended) release()
    else this.#releases.push(release)
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const release of this.#releases) release()
  }
}

/** The most of an error's body that is read for its explanation where a success would be a stream. */
export const MOST_EXPLANATION_BYTES = 1 << 20

/**
 * The body of a reply of this status as the exchange wants it: a stream under way, or all of it, or the failure that kept
 * it from arriving. Where a success would be a stream, an error longer than 1 MiB explains nothing.
 */
export async function receiveBody(
  source: ReadableStream<Uint8Array> | null,
  status: number,
  { reading, watch, maxBodyBytes }: Exchange,
  broken: (error: unknown) => Failure,
): Promise<ReplyBody | Failure> {
  if (source === null) return new WholeBody(new Uint8Array())
  const streams = reading === "stream"
  if (streams && status < 400) return new StreamedBody(source, watch, broken)
  const bytes = await readAll(source, watch, streams ? MOST_EXPLANATION_BYTES : maxBodyBytes, broken)
  if (!("kind" in bytes)) return new WholeBody(bytes)
  return streams && bytes.code === "too-large" ? new WholeBody(new Uint8Array(), true) : bytes
}

/** The body is longer than the call allows. */
export function tooLarge(maxBytes: number): Failure {
  return failure("too-large", `the body is longer than ${maxBytes} bytes; raise maxBodyBytes or read it with .stream()`)
}

/** All of a stream's bytes, or the failure that kept them from arriving: broken off, or longer than allowed. */
export async function readAll(
  source: ReadableStream<Uint8Array>,
  watch: Watch | undefined,
  maxBytes: number,
  broken: (error: unknown) => Failure,
): Promise<Uint8Array<ArrayBuffer> | Failure> {
  const reader = source.getReader()
  const pieces: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      watch?.waiting()
      const { done, value } = await reader.read()
      watch?.arrived()
      if (done) return joined(pieces, length)
      length += value.byteLength
      if (length > maxBytes) {
        reader.cancel().catch(() => {})
        return tooLarge(maxBytes)
      }
      pieces.push(value)
    }
  } catch (error) {
    return isFailure(error) ? error : broken(error)
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const [only] = pieces
  if (only !== undefined && pieces.length === 1) return only as Uint8Array<ArrayBuffer>
  const whole = new Uint8Array(length)
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.byteLength
  }
  return whole
}
