import type { HeaderList } from "steadfetch"

/**
 * Where an entry stands.
 *
 * - `waiting`: to be sent when it is due, for the first time or again.
 * - `sending`: a worker holds it.
 * - `delivered`: the API accepted it (2xx).
 * - `rejected`: the API refused it (4xx). It is not sent again before someone changes it.
 * - `expired`: its lifetime ended before the API accepted it. It can be released.
 * - `discarded`: someone decided that it is not to be sent any more.
 */
export type EntryState = "waiting" | "sending" | "delivered" | "rejected" | "expired" | "discarded"

/** What a rejected or expired entry does to those behind it that have its ordering key. */
export type AfterRejection = "hold" | "skip"

/** A call that was written down, and what has become of it. */
export interface Entry {
  /** Sorts by the time of adding (UUID version 7). */
  readonly id: string
  readonly state: EntryState
  /** Raised by every change. */
  readonly version: number
  readonly method: string
  /** Where it goes, absolute and without credentials. */
  readonly url: string
  /** Of the API, such as "https://api.example.com". */
  readonly origin: string
  readonly key: string | undefined
  readonly orderingKey: string | undefined
  readonly afterRejection: AfterRejection
  readonly priority: number
  readonly addedAt: Date
  readonly changedAt: Date
  /** Not sent before. */
  readonly dueAt: Date
  /** Not sent after. */
  readonly expiresAt: Date
  /** How often it was sent since it was added or changed by someone. */
  readonly tries: number
  /** Its own header fields, without those that the client adds when it is sent. */
  readonly headers: HeaderList
  /** Bytes of its body; undefined without one. */
  readonly bodyBytes: number | undefined
  /** The same on every sending, until someone changes the request; undefined when it carries none. */
  readonly idempotencyKey: string | undefined
  /** What a waiting entry waits for, where that is certain: for its time, or for its origin, which this process holds back. */
  readonly waitingFor: "due" | "origin" | undefined
  /** How the last sending ended; undefined before the first end. */
  readonly last: LastSending | undefined
  /** The body of its request, piece by piece; undefined without one. @throws OutboxError when it cannot be read. */
  body(): Promise<AsyncIterable<Uint8Array<ArrayBuffer>> | undefined>
}

/** How a sending ended. */
export interface LastSending {
  /** As a call's outcome; "error" when the call could not be made: no credentials were to be had, its body could not be read. */
  readonly kind: "success" | "client-error" | "server-error" | "no-reply" | "error"
  readonly at: Date
  readonly status: number | undefined
  readonly statusName: string | undefined
  /** The server's own words; what happened, where there are none; undefined for a success. */
  readonly message: string | undefined
  /** The API's code for the error, or why there was no reply. */
  readonly code: string | undefined
  /** What to quote to the API's support. */
  readonly requestId: string | undefined
  /** The time that the server named. */
  readonly retryAt: Date | undefined
  /** The reply's header fields, by lower-case name, without cookies. */
  readonly headers: Readonly<Record<string, string>>
  /** The reply's body as text, its first 64 KiB; undefined without one, or when it is no text. */
  readonly body: string | undefined
  /** Whether the body was longer than what is kept of it. */
  readonly isBodyCut: boolean
  /** Why the entry stands where it stands, in words. */
  readonly why: string
}
