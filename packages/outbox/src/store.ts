import type { AfterRejection, EntryState } from "./entry.ts"

/**
 * What an outbox needs of a store. A store knows no HTTP: it keeps bytes that it does not understand beside the fields by
 * which entries are found, ordered and taken. What a promise of it resolves to is durable: it survives the death of every
 * process at any later instant, and of the machine where the store says so.
 *
 * All instants are milliseconds since 1970-01-01 UTC, by the caller's clock.
 */
export interface Store {
  /** As people are told of it, without credentials: "SQLite outbox.db". */
  readonly name: string
  /** Creates or migrates what is missing. @throws OutboxError for a store of a newer schema, or one that would lose data. */
  open(): Promise<void>
  /**
   * Adds entries, all or none. An entry whose `key` another one has that is not discarded is not added: the other one is
   * given in its place.
   * @param transaction The user's own, for stores that can take part in one; the promise then resolves before it is durable.
   */
  add(entries: readonly NewEntry[], transaction?: unknown): Promise<readonly Added[]>
  /**
   * Takes entries that are due, the most important first, then those that were due first. Of the entries of one ordering
   * key it takes only the first that is not settled, and none while one holds them up, or is being sent: also not an earlier
   * one that was released meanwhile. An entry whose lifetime has ended is taken whatever the room, and also when it is not
   * due yet, so that it can be concluded. What is taken is `sending` until its lease ends; then it may be taken again.
   */
  claim(request: ClaimRequest): Promise<Claims>
  /** Prolongs leases. Resolves to those that are lost: somebody else may have the entry now. */
  renew(leases: readonly Lease[], until: number): Promise<readonly Lease[]>
  /** Writes how the sending of an entry ended, and gives the lease back. False when the lease was lost: nothing is written. */
  conclude(lease: Lease, conclusion: Conclusion): Promise<boolean>
  /**
   * Changes an entry that nobody is sending. False when it is not of this version any more, or being sent. One whose lease
   * has ended may be changed; that lease is lost then.
   */
  alter(id: string, version: number, alteration: Alteration): Promise<boolean>
  read(id: string): Promise<StoredEntry | undefined>
  /** The entry that has this key and is not discarded. */
  find(key: string): Promise<StoredEntry | undefined>
  /** The body of an entry's request; undefined without one. Streams may be opened several times. */
  body(id: string): Promise<StoredBody | undefined>
  /** Entries, newest first. */
  list(query: ListQuery): Promise<readonly StoredEntry[]>
  /** How many there are; cheap however many they are, and at most a few seconds old. */
  counts(): Promise<readonly OriginCounts[]>
  /** Removes the oldest entries in these states that were changed last before an instant, at most so many. Resolves to how many. */
  remove(states: readonly EntryState[], changedBefore: number, most: number): Promise<number>
  /** Tells of what happens, also in other processes where it can; best effort. Returns how to stop. */
  listen(listener: StoreListener): () => void
  /** Gives up connections and files. What was promised is durable already. */
  close(): Promise<void>
}

/** What is kept of an entry, but for its body. */
export interface StoredEntry {
  /** Sorts by the time of adding (UUID version 7). */
  readonly id: string
  readonly state: EntryState
  /** Raised by every change. */
  readonly version: number
  /** Of the API, such as "https://api.example.com". */
  readonly origin: string
  /** Unique among entries that are not discarded. */
  readonly key: string | undefined
  /** Entries that have the same one are sent strictly in the order in which they were added. */
  readonly orderingKey: string | undefined
  readonly afterRejection: AfterRejection
  /** From -100 to 100, higher first. */
  readonly priority: number
  readonly addedAt: number
  readonly changedAt: number
  /** Not sent before. */
  readonly dueAt: number
  /** Not sent after. */
  readonly expiresAt: number
  /** How often it was sent since it was added or changed by someone. */
  readonly tries: number
  /** The request without its body. */
  readonly content: Uint8Array
  /** Bytes of the body; undefined without one. */
  readonly bodyBytes: number | undefined
  /** How the last sending ended; undefined before the first end. */
  readonly result: Uint8Array | undefined
}

/** An entry to add. It is `waiting`, of version 1, with no tries. */
export interface NewEntry extends Pick<
  StoredEntry,
  | "id"
  | "origin"
  | "key"
  | "orderingKey"
  | "afterRejection"
  | "priority"
  | "addedAt"
  | "dueAt"
  | "expiresAt"
  | "content"
> {
  /** Bytes when they are few, else a stream that is read once. */
  readonly body: StoredBody | undefined
}

export type StoredBody = Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array<ArrayBuffer>>

export interface Added {
  readonly entry: StoredEntry
  /** False when an entry had its key already; `entry` is that one. */
  readonly isNew: boolean
}

export interface ClaimRequest {
  readonly at: number
  readonly leaseUntil: number
  /** How many may be taken. */
  readonly most: number
  /** How many more of an origin may be taken; 0 for an origin that is held back. Asked anew in each claim. */
  readonly room: (origin: string) => number
}

export interface Claims {
  readonly claimed: readonly Claimed[]
  /**
   * When the next entry may be taken, be there room for it or not: when it falls due, its lifetime ends, or the lease under
   * which it is being sent. Undefined when there is none. A guess may be early, never late.
   */
  readonly nextAt: number | undefined
}

export interface Claimed {
  readonly entry: StoredEntry
  readonly lease: Lease
}

/** The right to send an entry. */
export interface Lease {
  readonly id: string
  /** Of this claim and no other. */
  readonly token: string
}

/** How a sending ended. `waiting`: to be sent again at `dueAt`. */
export interface Conclusion {
  readonly at: number
  readonly state: "waiting" | "delivered" | "rejected" | "expired"
  readonly dueAt: number
  readonly tries: number
  readonly result: Uint8Array | undefined
}

/** What someone changes about an entry. What is left out stays; `body: null` takes the body away. */
export interface Alteration {
  readonly at: number
  readonly state: "waiting" | "discarded"
  readonly origin?: string
  readonly priority?: number
  readonly dueAt?: number
  readonly expiresAt?: number
  readonly tries?: number
  readonly content?: Uint8Array
  readonly body?: StoredBody | null
}

export interface ListQuery {
  readonly states?: readonly EntryState[]
  readonly origin?: string
  readonly orderingKey?: string
  /** Entries older than this one: the last of the page before. */
  readonly after?: string
  readonly limit: number
}

/** How many entries of one origin there are in each state. */
export interface OriginCounts {
  readonly origin: string
  readonly states: Readonly<Record<EntryState, number>>
  /** Bytes of the bodies of those that wait or are being sent. */
  readonly bodyBytes: number
}

export interface StoreListener {
  /** Something may be due earlier than the last claim said. */
  readonly work?: () => void
  /** An entry has changed. */
  readonly changed?: (id: string) => void
}
