import { failure, MOST_EXPLANATION_BYTES, WholeBody, type Failure, type Reply, type ReplyBody } from "steadfetch"
import type { Dispatcher } from "undici"
import { brokenBody } from "../transport/body-failure.ts"
import type { BodySink, OpenAttempt } from "../transport/body-sink.ts"
import { joined } from "../transport/received-pieces.ts"
import { flatFields, type FlatFields, type RelayedFields } from "./relayed-fields.ts"

/** Takes a body on, piece by piece. */
export interface BodyReader {
  /** Takes a piece. False asks for no more of them until `resume()`; one that is on its way may still come. */
  take(piece: Uint8Array): boolean
  /** The body is whole; what came after it, if anything did. */
  end(trailers: FlatFields): void
  /** It broke off. */
  fail(failure: Failure): void
}

/** How many bytes may wait for a reader before the connection is read no further. */
const MOST_WAITING_BYTES = 64 * 1024

/**
 * A body that is handed on as it came, codings and all, by callbacks and with backpressure. It belongs inside its attempt
 * as long as it may be wanted again or is short, and is a stream from there on.
 */
export class RelayedBody implements BodySink, ReplyBody {
  readonly #attempt: OpenAttempt
  readonly #reply: Reply
  readonly #wholeBytes: number
  readonly #pieces: Uint8Array[] = []
  #length = 0
  #controller: Dispatcher.DispatchController | undefined
  #isSettled = false
  #isPaused = false
  #trailers: FlatFields | undefined
  #failure: Failure | undefined
  #reader: BodyReader | undefined
  readonly #releases: (() => void)[] = []
  #whole: WholeBody | undefined

  /** @param wholeBytes A body announced to be no longer than this arrives inside the attempt. */
  constructor(attempt: OpenAttempt, status: number, headers: RelayedFields, wholeBytes: number) {
    this.#attempt = attempt
    this.#reply = { kind: "reply", status, url: undefined, headers, body: this }
    const announced = Number(headers.get("content-length") ?? Number.NaN)
    this.#wholeBytes = status >= 400 ? MOST_EXPLANATION_BYTES : announced <= wholeBytes ? wholeBytes : 0
    attempt.exchange.watch?.waiting()
    if (this.#wholeBytes === 0) this.#settle()
  }

  push(piece: Uint8Array, controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#attempt.exchange.watch?.waiting()
    if (this.#reader !== undefined) {
      if (!this.#reader.take(piece)) this.#pause()
      return
    }
    this.#pieces.push(piece)
    this.#length += piece.length
    if (this.#isSettled) {
      if (this.#length >= MOST_WAITING_BYTES) this.#pause()
    } else if (this.#length > this.#wholeBytes) {
      this.#pause()
      this.#settle()
    }
  }

  end(controller?: Dispatcher.DispatchController): void {
    this.#trailers = flatFields(controller?.rawTrailers)
    this.#over()
    this.#settle()
    this.#reader?.end(this.#trailers)
  }

  fail(error: unknown): void {
    if (this.#trailers !== undefined || this.#failure !== undefined) return
    const failure = brokenBody(error, this.#attempt.exchange.signal)
    this.#failure = failure
    this.#over()
    if (!this.#isSettled) {
      this.#isSettled = true
      this.#attempt.settle(failure)
    }
    this.#reader?.fail(failure)
  }

  /** All of it, when it arrived before anyone read. */
  get bytes(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#trailers === undefined || this.#reader !== undefined) return undefined
    this.#whole ??= new WholeBody(joined(this.#pieces, this.#length))
    return this.#whole.bytes
  }

  /** The fields that came after the body; undefined as long as it has not ended. */
  get trailers(): FlatFields | undefined {
    return this.#trailers
  }

  /** Gives the body to its one reader: what has arrived at once, the rest as it comes. */
  readBy(reader: BodyReader): void {
    this.#reader = reader
    let wantsMore = true
    for (const piece of this.#pieces.splice(0)) wantsMore = reader.take(piece)
    if (this.#trailers !== undefined) reader.end(this.#trailers)
    else if (this.#failure !== undefined) reader.fail(this.#failure)
    else if (wantsMore) this.resume()
    else if (!this.#isPaused) this.#pause()
  }

  /** The reader takes more. */
  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#attempt.exchange.watch?.waiting()
    this.#controller?.resume()
  }

  stream(describe: (failure: Failure) => unknown): ReadableStream<Uint8Array> {
    if (this.bytes !== undefined) return new WholeBody(this.bytes).stream()
    return new ReadableStream<Uint8Array>({
      start: (stream) =>
        this.readBy({
          take: (piece) => {
            stream.enqueue(piece)
            return (stream.desiredSize ?? 0) > 0
          },
          end: () => stream.close(),
          fail: (failure) => stream.error(describe(failure)),
        }),
      pull: () => this.resume(),
      cancel: () => this.discard(),
    })
  }

  retryAfterMs(): number | undefined {
    return this.bytes === undefined ? undefined : this.#whole?.retryAfterMs()
  }

  discard(): void {
    if (this.#trailers !== undefined || this.#failure !== undefined) return
    this.#failure = failure("aborted", "nobody reads the body")
    this.#pieces.length = 0
    this.#attempt.cancel()
    this.#over()
  }

  onEnd(release: () => void): void {
    if (this.#trailers !== undefined || this.#failure !== undefined) release()
    else this.#releases.push(release)
  }

  #settle(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#attempt.settle(this.#reply)
  }

  /** A reader's slowness is not the server's: time stands still meanwhile. */
  #pause(): void {
    this.#isPaused = true
    this.#controller?.pause()
    this.#attempt.exchange.watch?.arrived()
  }

  #over(): void {
    this.#attempt.exchange.watch?.arrived()
    this.#attempt.release()
    for (const release of this.#releases.splice(0)) release()
  }
}
