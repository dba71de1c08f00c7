import { checked, ConfigurationError, kindOf, knownOptions, refuse, type Policy } from "steadfetch"
import { digestKey, plainKey } from "./cache-key.ts"
import { memoryStore, type CacheStore, type MemoryStoreOptions } from "./cache-store.ts"
import { HttpCache } from "./http-cache.ts"
import type { Owner } from "./owner-watch.ts"
import { checkStore, Shelf } from "./shelf.ts"

/** Options of {@link cache}. */
export interface CacheOptions extends MemoryStoreOptions {
  /**
   * Whose replies these are: a text, or a function where it changes while the client lives, as when another user signs
   * in. One part's replies never serve another. Needed with `store`. Default: one part for each client.
   */
  readonly partition?: string | (() => string) | undefined
  /** Where replies are kept. Default: in the memory of this client, up to `maxBytes` and `maxEntries`. */
  readonly store?: CacheStore | undefined
  /**
   * Milliseconds past its freshness for which a reply may stand in when the server fails, where neither the reply nor
   * the request says so with stale-if-error. Default 0.
   */
  readonly staleIfErrorMs?: number | undefined
}

/**
 * A private cache (RFC 9111, RFC 5861). A fresh reply answers without a request; a stale one is validated with its ETag or
 * Last-Modified, and stands in for a server that fails where it may. Nothing is guessed: only what the server's
 * Cache-Control or Expires calls fresh is used unasked. Use it for reads that repeat; not between users: see `partition`.
 *
 * Put it before `coalesce()`. It sees buffered GET and HEAD calls, and forgets what a call with another method may have
 * changed. A call's own Cache-Control holds: no-store, no-cache, max-age, min-fresh, max-stale, only-if-cached.
 * @throws ConfigurationError for options that cannot work.
 */
export function cache(options: CacheOptions = {}): Policy {
  knownOptions("cache", options, ["partition", "store", "staleIfErrorMs", "maxBytes", "maxEntries"])
  const { partition, store, staleIfErrorMs = 0, ...limits } = options
  const owner = partitionOf(partition)
  checked("cache.staleIfErrorMs", staleIfErrorMs, 0)
  // Made here only to refuse wrong limits at once: each client gets a store of its own.
  if (store === undefined) memoryStore(limits)
  else checkShared(store, partition, limits)
  const keyOf = store === undefined ? plainKey : digestKey
  return {
    name: "cache",
    scope: "call",
    wrap: (next, runtime) => {
      const shelf = new Shelf(store ?? memoryStore(limits), runtime.events)
      const own = new HttpCache(next, runtime, shelf, { keyOf, owner, staleIfErrorMs })
      return (exchange) => own.handle(exchange)
    },
  }
}

/** A store that is handed in may serve others, too. */
function checkShared(store: CacheStore, partition: unknown, limits: MemoryStoreOptions): void {
  checkStore(store)
  if (partition === undefined) {
    throw new ConfigurationError(
      `cache.store: it may hold other users' replies; give "partition", which says whose these are: the user's id`,
    )
  }
  const [limit] = Object.entries(limits).filter(([, value]) => value !== undefined)
  if (limit !== undefined)
    throw new ConfigurationError(`cache.${limit[0]}: the store has its own limits; give one of the two`)
  // The DOM's types promise it; pages without TLS do not have it.
  if ((globalThis.crypto as Partial<Crypto> | undefined)?.subtle === undefined)
    throw new ConfigurationError(
      "cache.store: its keys need crypto.subtle, which only pages with TLS have; leave it out",
    )
}

/** Who owns the replies: a text, unless it may change. */
function partitionOf(given: CacheOptions["partition"]): string | Owner {
  const check = (value: unknown): string =>
    typeof value === "string" ? value : refuse("cache.partition", kindOf(value), "a text, or a function that gives one")
  if (typeof given === "function") return () => check(given())
  return given === undefined ? "" : check(given)
}
