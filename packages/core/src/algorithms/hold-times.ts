/** How much a new time moves the mean. */
const GAIN = 1 / 8

/** After so many times the shortest one is looked for anew, so that one lucky moment is forgotten. */
const SPAN = 32

/** How long permits were held lately, and what follows for those that wait for one. */
export class HoldTimes {
  #meanMs: number | undefined
  #count = 0
  #shortestMs = Number.POSITIVE_INFINITY
  #shortestBeforeMs = Number.POSITIVE_INFINITY

  note(heldMs: number): void {
    this.#meanMs = this.#meanMs === undefined ? heldMs : this.#meanMs + GAIN * (heldMs - this.#meanMs)
    this.#shortestMs = Math.min(this.#shortestMs, heldMs)
    if (++this.#count < SPAN) return
    this.#count = 0
    this.#shortestBeforeMs = this.#shortestMs
    this.#shortestMs = Number.POSITIVE_INFINITY
  }

  /** Milliseconds until a permit is likely to come to one with so many ahead; 0 while nothing is known. */
  expectedMs(ahead: number, limit: number): number {
    return ((ahead + 1) * (this.#meanMs ?? 0)) / limit
  }

  /**
   * The same if all permits came back this moment, and each was then held only as long as the shortest one lately: to be
   * refused for this is no matter of bad luck.
   */
  leastMs(ahead: number, limit: number): number {
    const rounds = Math.floor(ahead / limit)
    return this.#meanMs === undefined || rounds === 0 ? 0 : rounds * Math.min(this.#shortestMs, this.#shortestBeforeMs)
  }
}
