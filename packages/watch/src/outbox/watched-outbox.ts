/** An outbox as the page needs it; one of `@steadfetch/outbox` is such. */
export interface WatchedOutbox {
  stats(): Promise<WatchedStatistics>
  list(query: WatchedQuery): Promise<readonly WatchedEntry[]>
  entry(id: string): Promise<WatchedEntry | undefined>
  amend(id: string, amendment: WatchedAmendment, options: WatchedVersion): Promise<unknown>
  retry(id: string, options: WatchedVersion): Promise<unknown>
  discard(id: string, options: WatchedVersion): Promise<unknown>
}

export type WatchedState = "waiting" | "sending" | "delivered" | "rejected" | "expired" | "discarded"

export interface WatchedQuery {
  readonly states: readonly WatchedState[]
  readonly limit: number
  readonly after?: string | undefined
}

export interface WatchedAmendment {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** Which version of an entry a decision is about. */
export interface WatchedVersion {
  readonly ifVersion: number
}

export interface WatchedStatistics {
  readonly states: Readonly<Record<WatchedState, number>>
  readonly origins: readonly WatchedOrigin[]
}

export interface WatchedOrigin {
  readonly origin: string
  readonly states: Readonly<Record<WatchedState, number>>
  readonly gate: { readonly state: string; readonly until: Date | undefined } | undefined
}

/** An entry of an outbox. */
export interface WatchedEntry {
  readonly id: string
  readonly state: WatchedState
  readonly version: number
  readonly method: string
  readonly url: string
  readonly origin: string
  readonly key: string | undefined
  readonly orderingKey: string | undefined
  readonly addedAt: Date
  readonly changedAt: Date
  readonly dueAt: Date
  readonly expiresAt: Date
  readonly tries: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly bodyBytes: number | undefined
  readonly idempotencyKey: string | undefined
  readonly waitingFor: string | undefined
  readonly last: WatchedSending | undefined
  body(): Promise<AsyncIterable<Uint8Array> | undefined>
}

/** How a sending ended. */
export interface WatchedSending {
  readonly kind: string
  readonly at: Date
  readonly status: number | undefined
  readonly statusName: string | undefined
  readonly message: string | undefined
  readonly code: string | undefined
  readonly requestId: string | undefined
  readonly body: string | undefined
  readonly isBodyCut: boolean
  readonly why: string
}
