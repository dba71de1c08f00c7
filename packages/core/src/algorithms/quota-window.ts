import type { ServiceLimit } from "./rate-limit-fields.ts"
import { TokenBucket } from "./token-bucket.ts"

/** From this share of the quota on, what is left is spread over the time that is left. */
const SPREAD_SHARE = 0.2

/** That much of what is left may go at once while it is spread. */
const BURST_SHARE = 0.1

/** As long as anything is left, an attempt may go in so many milliseconds: a long window must not starve anyone. */
const LONGEST_GAP_MS = 60_000

/** What a server tells of its quota is a hint: it is not believed for longer (draft-11 §8.5.1). */
const LONGEST_PAUSE_MS = 600_000

/** A window begins late by up to this share of the last one, or this many milliseconds: not all come at its first moment. */
const JITTER_SHARE = 0.1
const MOST_JITTER_MS = 1000

/** What is left of one quota, as far as is known here: told by the server, and counted down with what is sent since. */
export class QuotaWindow {
  #remaining = Number.POSITIVE_INFINITY
  #quota = 0
  #windowMs = 0
  #resetAt = 0
  #exhaustedAt = 0
  #number = 0
  #isPresumed = false
  readonly #jitter: number
  readonly #bucket = new TokenBucket(1, 1, 0)

  /** @param jitter From 0 up to but not including 1. */
  constructor(jitter: number) {
    this.#jitter = jitter
  }

  /**
   * Notes what a reply says.
   * @param number The request's, counted from the first. Replies overtake each other: an earlier one's can be old news.
   * @param underWay Requests that have no reply yet: none of them may be counted in this one.
   */
  note(limit: ServiceLimit, now: number, number: number, underWay: number): void {
    const remaining = Math.max(0, limit.remaining - underWay)
    if (number < this.#number) {
      if (!this.#isPresumed) this.#leave(Math.min(this.#remaining, remaining), now)
      return
    }
    this.#number = number
    const isOther = limit.quota !== undefined && limit.quota !== this.#quota
    this.#quota = isOther ? (limit.quota ?? 0) : Math.max(this.#quota, limit.remaining)
    this.#windowMs = limit.windowMs ?? Math.max(this.#windowMs, limit.resetMs)
    this.#leave(remaining, now)
    this.#resetAt = now + limit.resetMs
    this.#isPresumed = false
  }

  /** Sends per second that it allows now; Infinity while it holds nothing back. */
  perSecond(now: number): number {
    this.#roll(now)
    if (!this.#isSpread) return Number.POSITIVE_INFINITY
    const leftMs = Math.max(1, this.#resetAt - now)
    return this.#remaining === 0 ? 0 : Math.max(this.#remaining / leftMs, 1 / LONGEST_GAP_MS) * 1000
  }

  /** Whether it tells nothing any more. */
  isOver(now: number): boolean {
    return now >= this.#opensAt && (this.#isPresumed || now - this.#opensAt > this.#windowMs)
  }

  waitMs(now: number, sends = 1): number {
    if (this.isOver(now)) return 0
    this.#roll(now)
    const beyond = sends - this.#remaining
    if (beyond > 0) return Math.max(0, this.#opensAt - now) + ((beyond - 1) * this.#windowMs) / Math.max(1, this.#quota)
    const free = this.#isPresumed ? 0 : Math.max(0, this.#remaining - Math.ceil(this.#quota * SPREAD_SHARE))
    if (sends <= free) return 0
    if (free > 0) return ((sends - free) / (this.#remaining - free)) * Math.max(0, this.#resetAt - now)
    return this.#filled(now).waitMs(now, sends)
  }

  take(now: number): void {
    if (this.isOver(now)) return
    this.#roll(now)
    if (this.#isSpread && this.#remaining > 0) this.#filled(now).take(now)
    this.#leave(Math.max(0, this.#remaining - 1), now)
  }

  #leave(remaining: number, now: number): void {
    if (remaining === 0 && this.#remaining > 0) this.#exhaustedAt = now
    this.#remaining = remaining
  }

  get #isSpread(): boolean {
    return this.#isPresumed || this.#remaining <= this.#quota * SPREAD_SHARE
  }

  /** When the next window begins: later than told by some jitter, and not much later than is sensible. */
  get #opensAt(): number {
    const jitterMs = this.#jitter * Math.min(this.#windowMs * JITTER_SHARE, MOST_JITTER_MS)
    if (this.#remaining > 0) return this.#resetAt
    return Math.min(this.#resetAt, this.#exhaustedAt + LONGEST_PAUSE_MS) + jitterMs
  }

  /** A window that has ended is followed by one that is presumed to be like it, and used with care until a reply tells. */
  #roll(now: number): void {
    if (now < this.#opensAt || this.#isPresumed) return
    this.#isPresumed = true
    this.#remaining = this.#quota
    this.#resetAt = now + this.#windowMs
    this.#bucket.adjust(now, 1, 1)
  }

  #filled(now: number): TokenBucket {
    this.#bucket.adjust(now, this.perSecond(now), this.#isPresumed ? 1 : Math.max(1, this.#remaining * BURST_SHARE))
    return this.#bucket
  }
}

/** Quotas remembered per key. */
const MOST_WINDOWS = 32

/**
 * The quotas that a server tells of. Of several partitions of one quota that with most left counts, as there is no
 * telling in advance which one a request falls into.
 */
export class QuotaWindows {
  readonly #quotas = new Map<string, Map<string, QuotaWindow>>()

  /** See {@link QuotaWindow.note}. */
  note(limits: readonly ServiceLimit[], now: number, number: number, underWay: number, random: () => number): void {
    for (const limit of limits) {
      if (this.#quotas.size >= MOST_WINDOWS && !this.#quotas.has(limit.name)) this.#quotas.clear()
      const partitions = this.#quotas.get(limit.name) ?? new Map<string, QuotaWindow>()
      this.#quotas.set(limit.name, partitions)
      if (partitions.size >= MOST_WINDOWS && !partitions.has(limit.partition)) partitions.clear()
      const window = partitions.get(limit.partition) ?? new QuotaWindow(random())
      partitions.set(limit.partition, window)
      window.note(limit, now, number, underWay)
    }
  }

  perSecond(now: number): number {
    let least = Number.POSITIVE_INFINITY
    for (const window of this.#deciding(now, 1)) least = Math.min(least, window.perSecond(now))
    return least
  }

  waitMs(now: number, sends = 1): number {
    if (this.#quotas.size === 0) return 0
    let most = 0
    for (const window of this.#deciding(now, sends)) most = Math.max(most, window.waitMs(now, sends))
    return most
  }

  take(now: number): void {
    if (this.#quotas.size === 0) return
    for (const window of this.#deciding(now, 1)) window.take(now)
  }

  /** Of each quota the partition that a request waits for least. */
  *#deciding(now: number, sends: number): Generator<QuotaWindow> {
    for (const [name, partitions] of this.#quotas) {
      let best: QuotaWindow | undefined
      for (const [partition, window] of partitions) {
        if (window.isOver(now)) partitions.delete(partition)
        else if (best === undefined || window.waitMs(now, sends) < best.waitMs(now, sends)) best = window
      }
      if (best === undefined) this.#quotas.delete(name)
      else yield best
    }
  }
}
