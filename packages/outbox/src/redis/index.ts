/**
 * Redis under an outbox, and under the rates that several processes share.
 *
 * @packageDocumentation
 */

export type * from "../store.ts"
export type { AfterRejection, EntryState } from "../entry.ts"
export { redis, type RedisStoreOptions } from "./redis.ts"
export { sharedPace, type RedisCommands, type SharedPaceOptions } from "./shared-pace.ts"
