/** A slot's length: what is measured is the rate of the last one to two seconds. */
const SLOT_MS = 1000

/** The least time that a rate is taken over: the first few replies of a client come at once. */
const LEAST_MS = 100

/** How often something happens per second, lately. */
export class RateMeter {
  #startedAt = 0
  #count = 0
  #before = 0

  count(now: number): void {
    this.#turn(now)
    this.#count += 1
  }

  perSecond(now: number): number {
    this.#turn(now)
    const spanMs = now - this.#startedAt + (this.#before > 0 ? SLOT_MS : 0)
    return ((this.#before + this.#count) * 1000) / Math.max(LEAST_MS, spanMs)
  }

  #turn(now: number): void {
    const slots = Math.floor((now - this.#startedAt) / SLOT_MS)
    if (slots < 1) return
    this.#before = slots === 1 ? this.#count : 0
    this.#count = 0
    this.#startedAt += slots * SLOT_MS
  }
}
