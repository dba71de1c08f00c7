import { checked } from "steadfetch"
import { sizeOf, type CacheEntry } from "./stored-reply.ts"

/**
 * Where a cache keeps its entries: memory, a database, a file. Keys are hexadecimal digests for a store that is handed
 * in. What it throws does not disturb a call: it counts as nothing found, or nothing kept.
 */
export interface CacheStore {
  get(key: string): CacheEntry | undefined | Promise<CacheEntry | undefined>
  /** Keeps an entry in place of the one before; for how long is the store's affair. */
  set(key: string, entry: CacheEntry): unknown
  delete(key: string): unknown
}

/** Limits of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** The most bytes that all entries may take up. Default 64 MiB. */
  readonly maxBytes?: number | undefined
  /** The most entries, one for each URL and user. Default 1000. */
  readonly maxEntries?: number | undefined
}

/** Entries in memory; the longest unused ones make room for new ones. @throws ConfigurationError for limits out of range. */
export function memoryStore(options: MemoryStoreOptions = {}): CacheStore {
  const { maxBytes = 64 * 1024 * 1024, maxEntries = 1000 } = options
  checked("cache.maxBytes", maxBytes, 0)
  checked("cache.maxEntries", maxEntries, 1)
  return new LeastRecentlyUsed(maxBytes, maxEntries)
}

interface Kept {
  readonly entry: CacheEntry
  readonly bytes: number
}

class LeastRecentlyUsed implements CacheStore {
  readonly #maxBytes: number
  readonly #maxEntries: number
  /** The longest unused first. */
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  constructor(maxBytes: number, maxEntries: number) {
    this.#maxBytes = maxBytes
    this.#maxEntries = maxEntries
  }

  get(key: string): CacheEntry | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined) return undefined
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    return kept.entry
  }

  set(key: string, entry: CacheEntry): void {
    this.delete(key)
    const bytes = sizeOf(entry) + 2 * key.length
    // What cannot fit must not drive everything else out.
    if (bytes > this.#maxBytes) return
    this.#kept.set(key, { entry, bytes })
    this.#bytes += bytes
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes && this.#kept.size <= this.#maxEntries) return
      this.delete(oldest)
    }
  }

  delete(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0
    this.#kept.delete(key)
  }
}
