import type { CallOutcome, Success } from "./call-outcome.ts"
import type { Signal } from "./cancellation.ts"
import type { Reading } from "./exchange.ts"
import { ReceivedReply } from "./received-reply.ts"
import type { RequestOptions } from "./request-options.ts"
import type { Runtime } from "./runtime.ts"
import { checkSchema } from "./schema.ts"
import type { StandardSchema } from "./standard-schema.ts"

/** What a call asks for, and the client that it is asked of: what abilities are built on. */
export interface CallContext {
  readonly method: string
  /** As it was given. */
  readonly url: string | URL
  readonly options: RequestOptions
  /** The client's time, randomness and events. */
  readonly runtime: Runtime
  /** Where the call goes: absolute, with path values and query. @throws ConfigurationError for what cannot be resolved. */
  address(): string
  /** Another call of the same client; it is sent when it is read. */
  request(method: string, url: string | URL, options: RequestOptions): Call
  /**
   * The same to a URL that a server gave. It gets of the client's query only what it does not say itself. At another origin
   * than the call's, `options.headers` are left out but for neutral ones, as after a redirect, and what the client was
   * configured with goes along only to the origin of its base.
   */
  follow(method: string, url: URL, options: RequestOptions): Call
  /** Sends the call, each time anew. @param signal Ends it in place of that of its options. */
  send(reading: Reading, accept: string | undefined, signal?: Signal): Promise<CallOutcome>
}

/** Of {@link Call.outcome}: they count when that is what sends the call. */
export interface OutcomeOptions {
  /** Default "buffer". */
  readonly reading?: Reading | undefined
  /** The media type to ask for, where the call has no Accept of its own. */
  readonly accept?: string | undefined
  /** Ends the call in place of the signal of its options. */
  readonly signal?: Signal | undefined
}

/** What makes the calls of a client. */
export type CallClass = new (context: CallContext) => Call

/**
 * A call that goes out when it is first awaited or read, and never twice: whatever is asked of it later comes from the
 * same reply. Awaiting it, and every reader but `outcome`, throws for what is no success.
 */
export class Call implements PromiseLike<Success> {
  /** What was asked for; abilities make further calls from it. */
  readonly context: CallContext
  #sent: Promise<CallOutcome> | undefined

  constructor(context: CallContext) {
    this.context = context
  }

  /** The reply, when it is a success; its body has arrived. */
  then<A = Success, B = never>(
    onSuccess?: ((reply: Success) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#success("buffer").then(onSuccess, onError)
  }

  /**
   * The body as JSON; undefined for 204, 205, 304 and HEAD. With a schema, what that makes of it.
   * @throws StatusError, NoReplyError, BodyError, with `issues` for what the schema refuses; the reason of the signal.
   */
  async json<T = unknown>(schema?: StandardSchema<T>): Promise<T> {
    if (schema !== undefined) checkSchema(schema)
    const outcome = await this.#outcome("buffer", "application/json")
    if (outcome.kind !== "success") throw outcome.error
    // A promise that is handed on as it is would cost as much as the rest of this.
    return schema === undefined && outcome instanceof ReceivedReply ? outcome.promptJson() : outcome.json(schema)
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
  outcome(options: OutcomeOptions = {}): Promise<CallOutcome> {
    return this.#outcome(options.reading ?? "buffer", options.accept, options.signal)
  }

  #outcome(reading: Reading, accept?: string, signal?: Signal): Promise<CallOutcome> {
    this.#sent ??= this.context.send(reading, accept, signal)
    return this.#sent
  }

  async #success(reading: Reading, accept?: string): Promise<Success> {
    const outcome = await this.#outcome(reading, accept)
    if (outcome.kind === "success") return outcome
    throw outcome.error
  }
}
