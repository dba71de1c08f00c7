/**
 * A token bucket: it fills with `perSecond` tokens up to `burst`, and each send takes one. In any time t no more than
 * burst + perSecond · t are taken, as long as nothing is taken that {@link TokenBucket.waitMs} says to wait for.
 */
export class TokenBucket {
  #perSecond: number
  #burst: number
  #tokens: number
  #filledAt: number

  /** A full one. */
  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#filledAt = now
  }

  /** Changes what it holds and how fast it fills, from now on. */
  adjust(now: number, perSecond: number, burst: number): void {
    this.#tokens = Math.min(burst, this.level(now))
    this.#filledAt = Math.max(now, this.#filledAt)
    this.#perSecond = perSecond
    this.#burst = burst
  }

  /** The tokens in it: from 0 to `burst`. */
  level(now: number): number {
    const passedMs = Math.max(0, now - this.#filledAt)
    return Math.min(this.#burst, this.#tokens + (passedMs * this.#perSecond) / 1000)
  }

  /** Milliseconds until it holds the token of the so-manieth send from now. */
  waitMs(now: number, sends = 1): number {
    return Math.max(0, ((sends - this.level(now)) * 1000) / this.#perSecond)
  }

  take(now: number): void {
    this.#tokens = Math.max(0, this.level(now) - 1)
    this.#filledAt = Math.max(now, this.#filledAt)
  }

  /** Takes all that is in it. */
  empty(now: number): void {
    this.#tokens = 0
    this.#filledAt = Math.max(now, this.#filledAt)
  }
}
