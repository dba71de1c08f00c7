import type { CallOutcome, Success } from "./call-outcome.ts"
import type { Reading } from "./exchange.ts"
import { ReceivedReply } from "./received-reply.ts"

/** Sends the call; given by the client. */
export type Sender = (reading: Reading, accept: string | undefined) => Promise<CallOutcome>

/**
 * A call that goes out when it is first awaited or read, and never twice: whatever is asked of it later comes from the
 * same reply. Awaiting it, and every reader but `outcome`, throws for what is no success.
 */
export class Call implements PromiseLike<Success> {
  readonly #send: Sender
  #sent: Promise<CallOutcome> | undefined

  constructor(send: Sender) {
    this.#send = send
  }

  /** The reply, when it is a success; its body has arrived. */
  then<A = Success, B = never>(
    onSuccess?: ((reply: Success) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#success("buffer").then(onSuccess, onError)
  }

  /**
   * The body as JSON; undefined for 204, 205, 304 and HEAD.
   * @throws StatusError, NoReplyError, BodyError; the reason of the signal.
   */
  async json<T = unknown>(): Promise<T> {
    const outcome = await this.#outcome("buffer", "application/json")
    if (outcome.kind !== "success") throw outcome.error
    // A promise that is handed on as it is would cost as much as the rest of this.
    return outcome instanceof ReceivedReply ? outcome.promptJson<T>() : outcome.json<T>()
  }

  /** The body as text. Throws as `json` does. */
  async text(): Promise<string> {
    return (await this.#success("buffer")).text()
  }

  /** The body's bytes. Throws as `json` does. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#success("buffer")).bytes()
  }

  /** The body as a form. Throws as `json` does. */
  async form(): Promise<FormData> {
    return (await this.#success("buffer")).form()
  }

  /**
   * The body piece by piece, from the headers on: a body that breaks off then is not retried, but ends the stream with an
   * error. Cancel it, or read it to its end.
   */
  async stream(): Promise<ReadableStream<Uint8Array>> {
    return (await this.#success("stream")).stream()
  }

  /**
   * How the call ended, without throwing for any status or for no reply; it throws the reason of the signal, and defects.
   * With `reading: "stream"` it resolves at the headers of a success.
   */
  outcome(options: { readonly reading?: Reading | undefined } = {}): Promise<CallOutcome> {
    return this.#outcome(options.reading ?? "buffer")
  }

  #outcome(reading: Reading, accept?: string): Promise<CallOutcome> {
    this.#sent ??= this.#send(reading, accept)
    return this.#sent
  }

  async #success(reading: Reading, accept?: string): Promise<Success> {
    const outcome = await this.#outcome(reading, accept)
    if (outcome.kind === "success") return outcome
    throw outcome.error
  }
}
