import type { HeaderFields } from "./headers.ts"

/** The body of a reply: read once, released once. */
export interface ReplyBody {
  /** All of it, when the exchange asked for "buffer"; undefined while it is a stream. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined
  /** The bytes as text, where a transport decodes them faster than from `bytes`. */
  text?(): string
  /** Whether it was longer than is read of an error's body, and so given up: `bytes` is empty then. */
  readonly isGivenUp?: boolean | undefined
  /** The rest of it, piece by piece. `describe` turns a failure under way into the error that the reader gets. */
  stream(describe: (failure: Failure) => unknown): ReadableStream<Uint8Array>
  /** Gives it up without waiting: the connection is freed, nobody reads on. */
  discard(): void
  /** Milliseconds that the body itself asks to wait before a retry; only one that was read can tell. */
  retryAfterMs?(): number | undefined
  /** Runs `release` when the body has ended, in whatever way; at once when it has. */
  onEnd(release: () => void): void
}

/** A final response, of whatever status. */
export interface Reply {
  readonly kind: "reply"
  readonly status: number
  /** The URL that answered; undefined when the transport does not follow redirects itself. */
  readonly url: string | undefined
  readonly headers: HeaderFields
  readonly body: ReplyBody
  /** Milliseconds until another server can take the next attempt, where that is sooner than what this one asks for. */
  readonly elsewhereAfterMs?: number | undefined
  /** The URL that the request was rebased to, where a policy chose another endpoint; a redirect was followed when `url` differs from it. */
  readonly sentTo?: string | undefined
}

/**
 * Why there is no reply:
 * - "refused", "dns", "tls": no connection, so nothing was sent
 * - "reset": the connection broke before the headers; the request may have been processed
 * - "broken-body": the body broke off, or its framing or coding is wrong
 * - "timeout": the attempt, a stall or the deadline took too long
 * - "too-large": the body is longer than `maxBodyBytes`
 * - "redirect": a redirect could not be followed
 * - "protocol": what came was not HTTP
 * - "rejected": a policy did not let the attempt go out
 * - "aborted": the caller's signal
 * - "network": no reply, and the platform does not say why
 */
export type FailureCode =
  | "refused"
  | "dns"
  | "tls"
  | "reset"
  | "broken-body"
  | "timeout"
  | "too-large"
  | "redirect"
  | "protocol"
  | "rejected"
  | "aborted"
  | "network"

/** The end of an attempt, or of a call, without a reply. */
export interface Failure {
  readonly kind: "failure"
  readonly code: FailureCode
  readonly message: string
  /** Whether the server may have seen the request. False only when that is certain not to be so. */
  readonly processed: boolean
  /** Whether the same request can succeed later. */
  readonly temporary: boolean
  /** What the platform threw, or the reason of the caller's signal. */
  readonly cause: unknown
  /** Which of the time limits it was, for "timeout". */
  readonly limit?: "attempt" | "stall" | "deadline" | undefined
  /** The earliest instant (`Clock.date()`, ms) at which another try makes sense, where a policy knows it. */
  readonly retryAt?: number | undefined
}

/**
 * What a reply means for the caller: `accept` it; `correct` the request before it may be sent again; or `retry` the same
 * request after a delay.
 */
export type Verdict = "accept" | "correct" | "retry"

/** How an attempt or a call ended. Expected ends are values; only defects are thrown. */
export type Outcome = Reply | Failure

const PERMANENT: readonly FailureCode[] = ["tls", "too-large", "redirect", "aborted"]
const NOT_SENT: readonly FailureCode[] = ["refused", "dns", "tls", "rejected"]

/** A failure with what its code implies: whether it is temporary, and whether the server may have seen the request. */
export function failure(code: FailureCode, message: string, cause?: unknown, more?: Partial<Failure>): Failure {
  return {
    kind: "failure",
    code,
    message,
    processed: !NOT_SENT.includes(code),
    temporary: !PERMANENT.includes(code),
    cause,
    ...more,
  }
}

/** The failure that a fired signal stands for: the one a policy gave as its reason, else the caller's abort. */
export function signalFailure(reason: unknown): Failure {
  return isFailure(reason) ? reason : failure("aborted", "aborted by the caller", reason)
}

/** Tells a failure from anything else that may be thrown or given as a signal's reason. */
export function isFailure(value: unknown): value is Failure {
  return (
    typeof value === "object" && value !== null && "kind" in value && value.kind === "failure" && "processed" in value
  )
}

/** Gives up the body of an outcome that nobody will read. */
export function discard(outcome: Outcome): void {
  if (outcome.kind === "reply") outcome.body.discard()
}

/** Runs `release` once what the outcome holds is over: with its body, or at once when there is none. */
export function releaseAfter(outcome: Outcome, release: () => void): Outcome {
  if (outcome.kind === "reply") outcome.body.onEnd(release)
  else release()
  return outcome
}
