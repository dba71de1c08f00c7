/**
 * Calls that must happen: written down first, then delivered, through crashes and outages.
 *
 * @packageDocumentation
 */

export { openOutbox } from "./open-outbox.ts"
export type { EntryQuery, Outbox, StopOptions } from "./outbox.ts"
export type { Verbs } from "./verbs.ts"
export type { BackoffSettings, ConcurrencySettings, KeepSettings, LimitSettings, OutboxOptions } from "./settings.ts"
export type { EncryptionOptions } from "./sealing/aes-sealer.ts"
export type { EnqueueOptions } from "./enqueue/enqueue.ts"
export type { Terms } from "./enqueue/terms.ts"
export type { RequestParts } from "./enqueue/stored-request.ts"
export type { ChangeOptions } from "./changes.ts"
export type { Amendment } from "./enqueue/amendment.ts"
export type { Receipt, SettledOptions } from "./receipt.ts"
export type { AfterRejection, Entry, EntryState, LastSending } from "./entry.ts"
export type { OutboxEvents, OutboxListeners, Trouble } from "./told.ts"
export type { OriginStatistics, OutboxStatistics } from "./statistics.ts"
export type { GateStatus } from "./delivery/origin-gate.ts"
export { OutboxError, type OutboxErrorCode } from "./errors.ts"
export type * from "./store.ts"
export { sqlite, type SqliteOptions } from "./sqlite/sqlite.ts"
export type { SqliteStore } from "./sqlite/sqlite-file.ts"
