/** What is taken for the normal rate is the mean over up to so long. */
const WINDOW_MS = 30 * 60_000
const SLOTS = 30
const SLOT_MS = WINDOW_MS / SLOTS

/** A rate that was measured for less long is not known. */
const LEAST_MS = 60_000

/** How many deliveries an origin gets per second in normal times. */
export class DeliveryRate {
  readonly #counts = new Float64Array(SLOTS)
  #startedAt = 0
  #slot = 0
  #total = 0

  /** Begins to measure anew. */
  restart(now: number): void {
    this.#counts.fill(0)
    this.#total = 0
    this.#startedAt = now
    this.#slot = Math.floor(now / SLOT_MS)
  }

  count(now: number): void {
    this.#slide(now)
    const slot = this.#slot % SLOTS
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1
    this.#total += 1
  }

  /** Undefined as long as it was measured for less than a minute. */
  perSecond(now: number): number | undefined {
    this.#slide(now)
    const spanMs = Math.min(now - this.#startedAt, (SLOTS - 1) * SLOT_MS + (now % SLOT_MS))
    return spanMs < LEAST_MS ? undefined : (this.#total * 1000) / spanMs
  }

  #slide(now: number): void {
    const slot = Math.floor(now / SLOT_MS)
    const passed = Math.min(slot - this.#slot, SLOTS)
    for (let step = 1; step <= passed; step++) {
      const emptied = (this.#slot + step) % SLOTS
      this.#total -= this.#counts[emptied] ?? 0
      this.#counts[emptied] = 0
    }
    this.#slot = slot
  }
}
