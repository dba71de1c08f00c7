import type { ChangeOptions } from "./changes.ts"
import type { Amendment } from "./enqueue/amendment.ts"
import type { Entry, EntryState } from "./entry.ts"
import type { Receipt } from "./receipt.ts"
import type { OutboxStatistics } from "./statistics.ts"
import type { OutboxEvents } from "./told.ts"
import type { Verbs } from "./verbs.ts"

/** Calls that must happen: written down first, then delivered, through crashes and outages, by the client's contract. */
export interface Outbox extends Verbs, AsyncDisposable {
  /** Writes down as a part of a transaction of the user's own, in stores that can: nothing is added unless that is committed. */
  in(transaction: unknown): Verbs
  /** The receipt of an entry that was added earlier, or by another process. */
  receipt(id: string): Receipt
  /** The entry with this id; undefined without one. */
  entry(id: string): Promise<Entry | undefined>
  /** The entry with this key that is not discarded. */
  find(key: string): Promise<Entry | undefined>
  /** Entries, newest first: a page of at most `limit` (1,000; default 100), which begins behind the entry `after`. */
  list(query?: EntryQuery): Promise<readonly Entry[]>
  /** How many there are; at most a few seconds old. */
  stats(): Promise<OutboxStatistics>
  /**
   * Changes a waiting, rejected or expired entry, and has it sent. A changed request gets a new Idempotency-Key.
   * @throws ConfigurationError for what cannot be sent; OutboxError "state" when it is settled, being sent, or someone
   * changed it at the same time; "unknown" when there is none.
   */
  amend(id: string, amendment: Amendment, options?: ChangeOptions): Promise<Entry>
  /**
   * Sends an entry as it is: an expired one again for another lifetime, a waiting one now instead of later. A rejected one
   * only when it was refused for its credentials (401, 403, 407): they are not part of it.
   * @throws OutboxError as `amend`.
   */
  retry(id: string, options?: ChangeOptions): Promise<Entry>
  /** Decides that a waiting, rejected or expired entry is not to be sent. @throws OutboxError as `amend`. */
  discard(id: string, options?: ChangeOptions): Promise<void>
  /** Listens; returns how to stop. */
  on<K extends keyof OutboxEvents>(type: K, listener: (event: OutboxEvents[K]) => unknown): () => void
  /** Begins to deliver, unless that has begun. */
  run(): void
  /**
   * Takes nothing more, waits for what is under way, and gives back what takes longer than `graceMs` (default 30,000):
   * broken off, it counts as not sent. Called again meanwhile it can shorten that. Adding goes on; `run()` begins anew.
   */
  stop(options?: StopOptions): Promise<void>
  /** Stops, then closes the store; ends what waits for `settled()`. The client stays open. */
  close(options?: StopOptions): Promise<void>
}

/** Of {@link Outbox.stop}. */
export interface StopOptions {
  readonly graceMs?: number | undefined
}

/** Which entries: all conditions hold. */
export interface EntryQuery {
  readonly states?: readonly EntryState[] | undefined
  readonly origin?: string | undefined
  readonly orderingKey?: string | undefined
  /** The id of the last entry of the page before. */
  readonly after?: string | undefined
  /** From 1 to 1,000. Default 100. */
  readonly limit?: number | undefined
}
