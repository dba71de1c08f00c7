import { Readable } from "node:stream"
import { StreamedBody } from "steadfetch"
import type { Dispatcher } from "undici"
import type { BodySink, OpenAttempt } from "./body-sink.ts"
import { brokenBody } from "./body-failure.ts"
import { codingsOf, decodedPieces } from "./content-coding.ts"
import type { ReplyFields } from "./reply-fields.ts"

/** A body that is handed over as it comes: the connection is read as fast as its reader reads. */
export class PassedBody implements BodySink {
  readonly #source: Readable
  #ended = false
  #broken: Error | undefined = undefined

  constructor(attempt: OpenAttempt, status: number, fields: ReplyFields) {
    const { exchange } = attempt
    this.#source = new Readable({
      read: () => this.#resume(),
      destroy: (error, done) => {
        // What has arrived in full leaves its connection usable; the rest of a longer body is not waited for.
        if (!this.#ended) attempt.cancel()
        done(error)
      },
    })
    // A body may break off before anyone reads it; whoever does is told then.
    this.#source.on("error", () => {})
    const stream = decoded(this.#source, fields.get("content-encoding"), (isLast) =>
      isLast || exchange.signal?.aborted === true ? this.#broken : undefined,
    )
    const body = new StreamedBody(stream, exchange.watch, (error) => brokenBody(error, exchange.signal))
    body.onEnd(attempt.release)
    attempt.settle({ kind: "reply", status, url: undefined, headers: fields, body })
  }

  #resume: () => void = () => {}

  push(piece: Buffer, controller: Dispatcher.DispatchController): void {
    this.#resume = () => controller.resume()
    if (!this.#source.push(piece)) controller.pause()
  }

  end(): void {
    this.#ended = true
    this.#source.push(null)
  }

  fail(error: unknown): void {
    this.#ended = true
    this.#broken = error instanceof Error ? error : new Error(String(error))
    // Its reader first gets what has arrived: whoever goes on from there has to ask for less.
    this.#source.push(null)
  }
}

/**
 * The body without its content codings; as it is, where one of them is unknown.
 * @param broken Why there is no more of it after a piece, or after the last one.
 */
function decoded(
  source: Readable,
  contentEncoding: string | null,
  broken: (isLast: boolean) => Error | undefined,
): ReadableStream<Uint8Array> {
  const codings = contentEncoding === null ? [] : (codingsOf(contentEncoding) ?? [])
  const pieces = codings.reduce<AsyncIterable<Uint8Array>>((inner, coding) => decodedPieces(coding, inner), source)
  const iterator = pieces[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done = false, value } = await iterator.next()
        const error = broken(done)
        if (error !== undefined) controller.error(error)
        else if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel() {
        // Not through the iterator alone: one that was never read from lets go of nothing.
        source.destroy()
        void iterator.return?.().catch(() => {})
      },
    },
    { highWaterMark: 0 },
  )
}
