/**
 * Redis under an outbox, and under the rates that several processes share.
 *
 * @packageDocumentation
 */

export { sharedPace, type RedisCommands, type SharedPaceOptions } from "./shared-pace.ts"
