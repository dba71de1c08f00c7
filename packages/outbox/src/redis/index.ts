/**
 * Redis under an outbox, and under the rates that several processes share.
 *
 * @packageDocumentation
 */

export { redis, type RedisStoreOptions } from "./redis.ts"
export { sharedPace, type RedisCommands, type SharedPaceOptions } from "./shared-pace.ts"
