/**
 * A private HTTP cache for steadfetch, as a policy.
 *
 * @packageDocumentation
 */

export { cache, type CacheOptions } from "./cache.ts"
export { memoryStore, type CacheStore, type MemoryStoreOptions } from "./cache-store.ts"
export type { CacheEntry, StoredReply } from "./stored-reply.ts"
export type { Lifetime } from "./lifetime.ts"
