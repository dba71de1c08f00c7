import type { FailureCode } from "./outcome.ts"
import { redactText, redactUrl } from "./redaction.ts"

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
  /** No reply, for a reason that time does not heal. */
  | "permanent"
  | "aborted"

/** One exchange on the wire, as told afterwards. */
export class AttemptRecord {
  /** From 1. */
  readonly number: number
  readonly method: string
  /** Milliseconds since 1970-01-01 UTC. */
  readonly startedAt: number
  /** Milliseconds until the headers, or until the body's end when it was buffered; undefined while under way. */
  durationMs: number | undefined = undefined
  /** The reply's status; undefined without a reply. */
  status: number | undefined = undefined
  /** Why there was no reply. */
  failure: FailureCode | undefined = undefined
  /** The failure in words. */
  message: string | undefined = undefined
  /** Milliseconds waited after it, before the next attempt. */
  waitMs: number | undefined = undefined
  /** Why there was a next attempt. */
  why: string | undefined = undefined
  readonly #url: string

  constructor(number: number, method: string, url: string, startedAt: number) {
    this.number = number
    this.method = method
    this.#url = url
    this.startedAt = startedAt
  }

  /** The URL, without credentials. */
  get url(): string {
    return redactUrl(this.#url)
  }

  toJSON(): Record<string, unknown> {
    return Object.fromEntries([...Object.entries(this), ["url", this.url]])
  }
}

/** The story of one call, written by the pipeline as it happens. Holds no credentials, and shows none. */
export class CallRecord {
  readonly method: string
  /** Milliseconds since 1970-01-01 UTC. */
  readonly startedAt: number
  readonly attempts: AttemptRecord[] = []
  /** Why it ended; undefined while under way, or when no retry policy took part. */
  ending: Ending | undefined = undefined
  /** The earliest instant (ms since 1970) at which another try makes sense, where one does. */
  retryAt: number | undefined = undefined
  readonly #url: string
  readonly #secrets: string[] = []

  constructor(method: string, url: string, startedAt: number) {
    this.method = method
    this.#url = url
    this.startedAt = startedAt
  }

  /** The URL asked for, without credentials. */
  get url(): string {
    return redactUrl(this.#url)
  }

  /** Remembers a credential that was sent, so that an echo of it is not passed on. */
  keepSecret(secret: string): void {
    if (!this.#secrets.includes(secret)) this.#secrets.push(secret)
  }

  /** A text of the server's with every credential of this call's taken out. */
  redact(text: string): string {
    return redactText(text, this.#secrets)
  }
}
