import { LearnedRate } from "./learned-rate.ts"
import { QuotaWindows } from "./quota-window.ts"
import type { ServiceLimit } from "./rate-limit-fields.ts"
import { TokenBucket } from "./token-bucket.ts"

/** A pause ends late by up to this share of it, or this many milliseconds: those who were paused alike do not come alike. */
const JITTER_SHARE = 0.1
const MOST_JITTER_MS = 5000

/** What a caller sets: no more than so many sends per second, after so many at once. */
export interface FixedRate {
  readonly perSecond: number
  readonly burst: number
}

/** What a reply says about the rate. */
export interface Sign {
  /** "throttled": it was refused because there were too many. "none": there was no reply, or one that does not tell. */
  readonly kind: "served" | "throttled" | "none"
  /** How long the server that throttled it asked not to be asked again. */
  readonly pauseMs: number | undefined
  readonly limits: readonly ServiceLimit[]
}

/** A request that was sent: its number, from 1, and when. */
export interface Sent {
  readonly number: number
  readonly at: number
}

/** What a sign led to, if to anything. */
export type RateChange = "paused" | "throttled" | "recovering" | undefined

/**
 * When the next request of one key may go: the strictest of a fixed rate, a rate learnt from refusals, the quotas that the
 * server tells of, and a pause that it asked for.
 */
export class PacedRate {
  readonly #fixed: TokenBucket | undefined
  readonly #fixedPerSecond: number
  readonly #burst: number
  readonly #maxPauseMs: number
  readonly #learned = new LearnedRate()
  readonly #quotas = new QuotaWindows()
  #pausedUntil = 0
  #sends = 0
  #underWay = 0

  constructor(fixed: FixedRate | undefined, maxPauseMs: number) {
    this.#fixed = fixed === undefined ? undefined : new TokenBucket(fixed.perSecond, fixed.burst, 0)
    this.#burst = fixed?.burst ?? 1
    this.#fixedPerSecond = fixed?.perSecond ?? Number.POSITIVE_INFINITY
    this.#maxPauseMs = maxPauseMs
  }

  /** Sends per second that are let through at present; 0 during a pause, Infinity while nothing is held back. */
  perSecond(now: number): number {
    if (this.pauseMs(now) > 0) return 0
    return Math.min(this.#fixedPerSecond, this.#learned.perSecond, this.#quotas.perSecond(now))
  }

  /** Milliseconds that are left of a pause. */
  pauseMs(now: number): number {
    return Math.max(0, this.#pausedUntil - now)
  }

  /** Milliseconds until the so-manieth send from now may go, as far as is known. */
  waitMs(now: number, sends = 1): number {
    const pauseMs = this.pauseMs(now)
    const { perSecond } = this.#learned
    const afterPauseMs = pauseMs > 0 && sends > 1 ? pauseMs + ((sends - 1) * 1000) / perSecond : pauseMs
    return Math.max(
      afterPauseMs,
      this.#fixed?.waitMs(now, sends) ?? 0,
      this.#learned.waitMs(now, sends),
      this.#quotas.waitMs(now, sends),
    )
  }

  /** Whether anything is known that a rate made anew would not know. */
  isInUse(now: number): boolean {
    const isFull = this.#fixed === undefined || this.#fixed.waitMs(now, this.#burst) === 0
    const isFree = this.pauseMs(now) === 0 && this.#quotas.perSecond(now) === Number.POSITIVE_INFINITY
    return this.#underWay > 0 || !isFull || !isFree || this.#learned.isInUse(now)
  }

  /**
   * Notes that a request is sent.
   * @param dueAt When it was due, if it goes later than that because a timer was late: the next does not have to wait for it.
   */
  take(now: number, dueAt = now): Sent {
    this.#fixed?.take(dueAt)
    this.#learned.take(dueAt)
    this.#quotas.take(dueAt)
    this.#sends += 1
    this.#underWay += 1
    return { number: this.#sends, at: now }
  }

  /** Notes that a request that was sent is over, in whatever way. */
  ended(): void {
    this.#underWay -= 1
  }

  /** Takes to heart how a request ended. */
  note(sent: Sent, sign: Sign, now: number, random: () => number): RateChange {
    const { kind, limits, pauseMs } = sign
    this.#quotas.note(limits, now, sent.number, this.#underWay, random)
    if (kind === "none") return undefined
    if (kind === "served") return this.#learned.accepted(now, sent.at) ? "recovering" : undefined
    const boundedMs = Math.min(pauseMs ?? 0, this.#maxPauseMs)
    const isPaused = this.#pause(boundedMs, now, random)
    // A server that tells of a used-up quota has said all there is to know about its limit.
    const isToldOf = limits.some(({ remaining }) => remaining === 0)
    const isClosed = !isToldOf && this.#learned.throttled(now, sent.at, boundedMs)
    return isPaused ? "paused" : isClosed ? "throttled" : undefined
  }

  /** Never ends earlier than a pause under way. @returns Whether it ends later. */
  #pause(pauseMs: number, now: number, random: () => number): boolean {
    if (pauseMs <= 0 || now + pauseMs <= this.#pausedUntil) return false
    this.#pausedUntil = now + pauseMs + random() * Math.min(pauseMs * JITTER_SHARE, MOST_JITTER_MS)
    return true
  }
}
