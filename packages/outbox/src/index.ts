export type { AfterRejection, EntryState } from "./entry.ts"
export { OutboxError, type OutboxErrorCode } from "./errors.ts"
export type * from "./store.ts"
