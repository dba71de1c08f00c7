import type { BodySource } from "./body.ts"
import type { CallRecord } from "./call-record.ts"
import type { Signal } from "./cancellation.ts"
import type { Contract } from "./contract.ts"
import type { HeaderList } from "./headers.ts"

/** A request on its way out: plain data. */
export interface Outgoing {
  readonly method: string
  readonly url: string
  readonly headers: HeaderList
  readonly body: BodySource | null
  /** Sends what the drop-in fetch was called with. */
  readonly native?: ((exchange: Exchange) => Promise<Response>) | undefined
}

/** The request with other header fields. */
export function withHeaders(request: Outgoing, headers: HeaderList): Outgoing {
  return { ...request, headers }
}

/**
 * Where the body of the reply belongs. "buffer": inside the attempt, which ends when all of it has arrived, so that a
 * body that stalls or breaks off is a failed attempt. "stream": the attempt ends at the headers, except for a 4xx or 5xx,
 * whose body explains it and arrives inside the attempt in any case.
 */
export type Reading = "buffer" | "stream"

/** Told how an attempt gets on, so that a policy can time it. */
export interface Watch {
  /** A request goes out: the attempt's first, or the next after a redirect or a 401. */
  sending(): void
  /** The transport waits for a piece of the body. */
  waiting(): void
  /** What was waited for has arrived: the final headers, a piece of the body, its end. */
  arrived(): void
}

/** How a call may differ from what its client was configured with; policies read it. */
export interface CallOptions {
  /** See RetryOptions; false sends the request once. */
  readonly retry?: RetryOverride | false | undefined
  /** See TimeoutOptions; false switches attempt and stall timeouts off. */
  readonly timeout?: TimeoutOverride | false | undefined
  /** Milliseconds from now until the call must have ended; false for no deadline. */
  readonly deadline?: number | false | undefined
  /** The Idempotency-Key to send; false for none. */
  readonly idempotencyKey?: string | false | undefined
  /** What to do with which status, instead of the client's contract. */
  readonly contract?: Contract | undefined
  /** false sends the call without the client's credentials: a login, say, or the call that refreshes a token. */
  readonly auth?: false | undefined
  /** "manual" hands a redirect over instead of following it. */
  readonly redirect?: "follow" | "manual" | undefined
}

/** The numbers of the retry policy that a call may change. */
export interface RetryOverride {
  /** Attempts in all, the first one included. Default 10 (drop-in fetch: 4). */
  readonly attempts?: number | undefined
  /** The first retry waits between 0 and this many milliseconds; the range doubles with each further one. Default 500. */
  readonly baseMs?: number | undefined
  /** That range never exceeds this many milliseconds. Default 20,000. */
  readonly capMs?: number | undefined
  /** Milliseconds that a call may spend waiting between its attempts, in all. Default: no limit but the deadline (drop-in fetch: 30,000). */
  readonly maxWaitMs?: number | undefined
}

/** The numbers of the timeout policy. */
export interface TimeoutOverride {
  /** Milliseconds from the start of an attempt until its headers have arrived; false for no limit. Default 20,000. */
  readonly attemptMs?: number | false | undefined
  /** Milliseconds without a byte while the body is being read; false for no limit. Default 20,000. */
  readonly stallMs?: number | false | undefined
}

/** One try at one call. */
export interface Exchange {
  readonly request: Outgoing
  readonly reading: Reading
  readonly signal: Signal | undefined
  /** The instant of `Clock.now()` by which the call must have ended; Infinity without a deadline. */
  readonly deadlineAt: number
  /** The most bytes of a buffered body; a longer one ends the call. */
  readonly maxBodyBytes: number
  /** Whether the request carries an idempotency key, so that the server knows a retry for what it is. */
  readonly keyed: boolean
  /** The lower-case name of the field that carries the key. */
  readonly idempotencyField?: string | undefined
  readonly options: CallOptions
  readonly watch: Watch | undefined
  /** The URL that was asked for, when redirects, or a URL in its reply, led from it to that of the request. */
  readonly redirectedFrom?: string | undefined
  /** Credentials that were sent; an echo of them is not passed on. */
  readonly secrets?: string[] | undefined
  /** The story of the call, written as it happens. */
  readonly record: CallRecord
}
