import type { WatchedEntry, WatchedSending, WatchedState, WatchedStatistics } from "./watched-outbox.ts"

/** How an outbox stands, as the page is told. */
export interface ToldOutbox {
  /** The server's time of day. */
  readonly now: number
  readonly states: WatchedStatistics["states"]
  readonly origins: readonly ToldOrigin[]
  readonly entries: readonly ToldEntry[]
  readonly isMore: boolean
}

/** An origin that is held back. */
export interface ToldOrigin {
  readonly origin: string
  readonly waiting: number
  readonly gate: string
  readonly until: number | undefined
}

export interface ToldEntry {
  readonly id: string
  readonly state: WatchedState
  readonly version: number
  readonly method: string
  readonly url: string
  readonly origin: string
  readonly addedAt: number
  readonly dueAt: number
  readonly expiresAt: number
  readonly tries: number
  readonly waitingFor: string | undefined
  readonly status: number | undefined
  readonly message: string | undefined
}

/** An entry with all there is about it. */
export interface ToldDetails extends ToldEntry {
  readonly key: string | undefined
  readonly orderingKey: string | undefined
  readonly idempotencyKey: string | undefined
  readonly headers: WatchedEntry["headers"]
  readonly last: (Omit<WatchedSending, "at"> & { readonly at: number }) | undefined
  readonly bodyBytes: number | undefined
  /** The body as text; undefined without one, when it is no text, and when it is too long to be edited here. */
  readonly text: string | undefined
  /** Why there is no text of a body that there is. */
  readonly noText: string | undefined
}
