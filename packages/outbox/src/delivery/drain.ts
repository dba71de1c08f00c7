import { TokenBucket } from "steadfetch"

/** Above the normal rate by so much: with what the measurement of that may be off it stays below 20 %. */
const ABOVE_NORMAL = 1.15

/** The least normal rate that is reckoned with: one in five seconds bothers no API. */
const LEAST_PER_SECOND = 0.2

/** What an origin gets whose normal rate is not known; it grows by 20 % a minute as long as all goes well. */
const UNKNOWN_PER_SECOND = 1
const GROWTH = 1.2
const GROWS_EVERY_MS = 60_000

/** How often it is looked at whether what waits gets fewer. */
const LOOKS_EVERY_MS = 10 * 60_000

/** Lets go what has piled up while an origin was held back, not much faster than it would have gone in normal times. */
export class Drain {
  readonly #bucket: TokenBucket
  #perSecond: number
  /** When the rate grows next; Infinity while the normal one is known and suffices. */
  #growsAt: number
  #looksAt: number
  #waiting: number | undefined

  /** @param usual The normal rate, where it is known. */
  constructor(usual: number | undefined, now: number) {
    this.#perSecond = usual === undefined ? UNKNOWN_PER_SECOND : Math.max(LEAST_PER_SECOND, usual * ABOVE_NORMAL)
    this.#growsAt = usual === undefined ? now + GROWS_EVERY_MS : Number.POSITIVE_INFINITY
    this.#looksAt = now
    this.#bucket = new TokenBucket(this.#perSecond, 1, now)
  }

  get perSecond(): number {
    return this.#perSecond
  }

  waitMs(now: number): number {
    for (; now >= this.#growsAt; this.#growsAt += GROWS_EVERY_MS) this.#perSecond *= GROWTH
    this.#bucket.adjust(now, this.#perSecond, 1)
    return this.#bucket.waitMs(now)
  }

  take(now: number): void {
    this.#bucket.take(now)
  }

  /** Whether it is time to count again what waits. */
  wantsCount(now: number): boolean {
    return now >= this.#looksAt
  }

  /** Notes how many wait. When they have become more, more comes in than the normal rate lets go: it grows from then on. */
  counted(waiting: number, now: number): void {
    this.#looksAt = now + LOOKS_EVERY_MS
    const hasGrown = this.#waiting !== undefined && waiting > this.#waiting
    this.#waiting = waiting
    if (hasGrown) this.#growsAt = Math.min(this.#growsAt, now + GROWS_EVERY_MS)
  }
}
