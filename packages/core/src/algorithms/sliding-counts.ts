/** How finely a window slides. */
const BUCKETS = 10

/**
 * Counts of several kinds of event within a sliding window of time. The window moves on in tenths, when it is used: what
 * is older than the window never counts, however long nothing was counted, and what is younger than nine tenths of it
 * always does. Needs no timer.
 */
export class SlidingCounts {
  readonly #bucketMs: number
  readonly #kinds: number
  /** One row per bucket, one column per kind. */
  readonly #counts: Float64Array
  readonly #totals: Float64Array
  /** The bucket that counts now, numbered from instant 0 on. */
  #newest = 0

  /** @param kinds How many kinds are told apart; they are numbered from 0. */
  constructor(windowMs: number, kinds: number) {
    this.#bucketMs = windowMs / BUCKETS
    this.#kinds = kinds
    this.#counts = new Float64Array(BUCKETS * kinds)
    this.#totals = new Float64Array(kinds)
  }

  /** Counts one event. */
  add(kind: number, nowMs: number): void {
    this.#slide(nowMs)
    const slot = (this.#newest % BUCKETS) * this.#kinds + kind
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1
    this.#totals[kind] = (this.#totals[kind] ?? 0) + 1
  }

  /** How many events of a kind lie within the window. */
  count(kind: number, nowMs: number): number {
    this.#slide(nowMs)
    return this.#totals[kind] ?? 0
  }

  /** Forgets all events. */
  clear(): void {
    this.#counts.fill(0)
    this.#totals.fill(0)
  }

  #slide(nowMs: number): void {
    const bucket = Math.floor(nowMs / this.#bucketMs)
    const passed = Math.min(bucket - this.#newest, BUCKETS)
    if (passed <= 0) return
    for (let step = 1; step <= passed; step++) this.#empty((this.#newest + step) % BUCKETS)
    this.#newest = bucket
  }

  #empty(bucket: number): void {
    for (let kind = 0; kind < this.#kinds; kind++) {
      const slot = bucket * this.#kinds + kind
      this.#totals[kind] = (this.#totals[kind] ?? 0) - (this.#counts[slot] ?? 0)
      this.#counts[slot] = 0
    }
  }
}
