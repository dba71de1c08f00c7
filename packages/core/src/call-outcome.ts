import type { AttemptRecord } from "./call-record.ts"
import type { ClientError, NoReplyError, ServerError } from "./errors.ts"
import type { HeaderFields } from "./headers.ts"
import type { Verdict } from "./outcome.ts"
import type { StandardSchema } from "./standard-schema.ts"
import type { StatusClass } from "./status.ts"

/** A reply as the caller gets it. Each reader may be called at any time; of a stream only the first one gets the body. */
export interface Replied {
  readonly status: number
  /** The registered name of the status: "Not Found". */
  readonly statusName: string
  /** The class of the status. */
  readonly statusClass: StatusClass
  /** What the contract makes of it. */
  readonly verdict: Verdict
  readonly headers: HeaderFields
  /** The URL that answered, after redirects. */
  readonly url: string
  /** Every attempt, in order. */
  readonly attempts: readonly AttemptRecord[]
  /** What answered in place of an attempt of its own: "cache", "stale cache", "coalesce", "fallback"; undefined when the server did. */
  readonly servedBy: string | undefined
  /**
   * The body as JSON; undefined for 204, 205, 304 and HEAD, which have none. With a schema, what that makes of it.
   * @throws BodyError when it is not JSON: says where, and what came instead; or with `issues`, when the schema refuses it.
   */
  json<T = unknown>(schema?: StandardSchema<T>): Promise<T>
  /** The body as UTF-8 text. */
  text(): Promise<string>
  /** The body's bytes. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>
  /** The body piece by piece. */
  stream(): ReadableStream<Uint8Array>
  /**
   * The body as a form: multipart/form-data or application/x-www-form-urlencoded.
   * @throws BodyError when it is neither.
   */
  form(): Promise<FormData>
  /** A text with the credentials of this call taken out, should the server have echoed them: for what is logged or stored. */
  redact(text: string): string
}

/** 2xx, or a redirect or 304 that is handed over: the request was understood and accepted. */
export interface Success extends Replied {
  readonly kind: "success"
  /** For 201: where the new resource is, as an absolute URL (RFC 9110 §15.3.2). */
  readonly created: { readonly location: string } | undefined
}

/** 4xx: something is wrong with the request; do not send it again unchanged. */
export interface Refusal extends Replied {
  readonly kind: "client-error"
  readonly error: ClientError
  /** When the server invites the same request again, if it does. */
  readonly retryAt: Date | undefined
}

/** 5xx, after all attempts that were allowed. */
export interface ServerFailure extends Replied {
  readonly kind: "server-error"
  readonly error: ServerError
  /** The earliest time at which another try makes sense. */
  readonly retryAt: Date | undefined
}

/** No reply to any attempt. */
export interface NoReply {
  readonly kind: "no-reply"
  readonly error: NoReplyError
  readonly attempts: readonly AttemptRecord[]
  readonly retryAt: Date | undefined
}

/** How a call ended, for `switch (outcome.kind)`. */
export type CallOutcome = Success | Refusal | ServerFailure | NoReply
