import type { FailureCode, Verdict } from "./outcome.ts"
import { redactUrl } from "./redaction.ts"

/** Why a call was not tried (again). */
export type Ending =
  /** The verdict on its last outcome is final: accepted, or to be corrected. */
  | "answered"
  /** The server said not to. */
  | "server-says-no"
  /** Retries are switched off. */
  | "off"
  | "attempts"
  /** The origin's retry budget is spent. */
  | "budget"
  /** The next attempt would begin after the deadline, or the deadline came. */
  | "deadline"
  /** The wait would exceed `maxWaitMs`. */
  | "wait"
  /** The body is a stream that was read. */
  | "body"
  /** The request may have been processed and carries no Idempotency-Key. */
  | "unsafe"
  /** A policy did not let the next attempt go out. */
  | "rejected"
  /** No reply, for a reason that time does not heal. */
  | "permanent"
  | "aborted"

/** One exchange on the wire, as told afterwards. */
export interface AttemptRecord {
  /** From 1. */
  readonly number: number
  readonly method: string
  /** Without credentials. */
  readonly url: string
  /** Milliseconds since 1970-01-01 UTC. */
  readonly startedAt: number
  /** Milliseconds until the headers, or until the body's end when it was buffered; undefined while under way. */
  durationMs?: number | undefined
  /** The reply's status; undefined without a reply. */
  status?: number | undefined
  /** Why there was no reply. */
  failure?: FailureCode | undefined
  /** The failure in words. */
  message?: string | undefined
  /** Milliseconds waited after it, before the next attempt. */
  waitMs?: number | undefined
  /** Why there was a next attempt. */
  why?: string | undefined
}

/** The story of one call, written by the pipeline as it happens. Holds no credentials, and shows none. */
export class CallRecord {
  readonly method: string
  /** Milliseconds since 1970-01-01 UTC. */
  readonly startedAt: number
  /** The path that was asked for before its `{names}` were filled in, such as "/v1/users/{id}"; undefined without such. */
  readonly template: string | undefined
  readonly attempts: AttemptRecord[] = []
  /** Why it ended; undefined while under way, or when no retry policy took part. */
  ending: Ending | undefined = undefined
  /** What its last outcome means by the contract; undefined as above. */
  verdict: Verdict | undefined = undefined
  /** The earliest instant (ms since 1970) at which another try makes sense, where one does. */
  retryAt: number | undefined = undefined
  /** What answered in place of an attempt of its own: "cache", "stale cache", "coalesce", "fallback"; undefined when the server did. */
  servedBy: string | undefined = undefined
  readonly #url: string
  readonly #redact: ((text: string) => string) | undefined

  constructor(method: string, url: string, startedAt: number, redact?: (text: string) => string, template?: string) {
    this.method = method
    this.#url = url
    this.startedAt = startedAt
    this.template = template
    this.#redact = redact
  }

  /** The URL asked for, without credentials. */
  get url(): string {
    return redactUrl(this.#url)
  }

  /** A text of the server's with every credential of this call's taken out. */
  redact(text: string): string {
    return this.#redact?.(text) ?? text
  }
}

/**
 * The record of a call's next attempt. A URL that may hold a credential is redacted when someone looks at it.
 * @param isPlain Whether the call has no credentials that its URL could hold.
 */
export function attemptRecord(
  call: CallRecord,
  method: string,
  url: string,
  startedAt: number,
  isPlain: boolean,
): AttemptRecord {
  const number = call.attempts.length + 1
  // All fields from the start: an object that grows costs several times as much memory.
  if (isPlain && !/[?#@]/.test(url)) return { number, method, url, startedAt, durationMs: undefined, status: undefined }
  return {
    number,
    method,
    get url() {
      return call.redact(redactUrl(url))
    },
    startedAt,
    durationMs: undefined,
    status: undefined,
  }
}
