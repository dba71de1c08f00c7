/** Measurements weigh e times less after so many milliseconds (Finagle's decay). */
const DECAY_MS = 10_000

/**
 * A moving average of durations that rises to a peak at once and forgets it slowly (peak EWMA, as in Finagle): a server
 * that has become slow is known after one answer, and one that nobody asks is thought better of as time passes, so that it
 * is asked again.
 */
export class PeakEwma {
  #averageMs = 0
  #measuredAt = Number.NEGATIVE_INFINITY

  /** Notes how long something took. */
  note(tookMs: number, nowMs: number): void {
    const weight = this.#weight(nowMs)
    this.#averageMs = tookMs >= this.at(nowMs) ? tookMs : this.#averageMs * weight + tookMs * (1 - weight)
    this.#measuredAt = nowMs
  }

  /** Notes that something took longer than this: its end was not seen, or says nothing of a success's duration. */
  noteAtLeast(tookMs: number, nowMs: number): void {
    if (tookMs > this.at(nowMs)) this.note(tookMs, nowMs)
  }

  /** The average, in milliseconds. */
  at(nowMs: number): number {
    return this.#averageMs * this.#weight(nowMs)
  }

  /** Whether there is no measurement to go by: none yet, or none of late. */
  isStale(nowMs: number): boolean {
    return nowMs - this.#measuredAt > DECAY_MS
  }

  #weight(nowMs: number): number {
    return Math.exp((this.#measuredAt - nowMs) / DECAY_MS)
  }
}
