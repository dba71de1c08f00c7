import { RateMeter } from "./rate-meter.ts"
import { TokenBucket } from "./token-bucket.ts"

/** How deep the rate is cut, and how long (in ms, and at least in sends) it then takes to come back to the estimate. */
interface Shape {
  readonly depth: number
  readonly plateauMs: number
  readonly plateauSends: number
}

/** Around an estimate that can be trusted: it is tried again, and so throttled, once in about 20 s or 200 sends. */
const EXACT: Shape = { depth: 0.03, plateauMs: 10_000, plateauSends: 100 }

/** Around a guess. */
const ROUGH: Shape = { depth: 0.3, plateauMs: 3000, plateauSends: 10 }

/** Sends that an estimate is made of, at least: fewer would be off by more than a tenth. */
const LEAST_SENDS = 10

/** Where fewer, but at least so many, are served in so many milliseconds, an estimate is made of several intervals. */
const SLOW_SENDS = 3
const SLOW_MS = 3000

/** An interval is steady when its mean rate is above this share of its last one... */
const STEADY_SHARE = 0.8

/** ... or when the server was closed for more than this share of it: then the mean is what a window gave... */
const CLOSED_SHARE = 0.2

/** ... or when its mean differs from that of the one before by less than this share. */
const SAME_SHARE = 0.1

/** A closed server is asked again after this share of the time for which it has been closed... */
const PROBE_SHARE = 0.2

/** ... and no sooner than it takes to send so many at the present rate. */
const PROBE_SENDS = 2

/** The least that is presumed at a refusal while nothing is held back: what a quiet client sends says little about its rate. */
const LEAST_FIRST = 5

/** However often it is throttled, a key gets an attempt in ten seconds. */
const LEAST_PER_SECOND = 0.1

/** Sends that fall due within so many milliseconds may go together: timers are no finer. */
const SLACK_MS = 20

/** A key whose rate holds nothing back forgets it after so long without being throttled. */
const FORGOTTEN_AFTER_MS = 600_000

/**
 * The rate that a server accepts, learnt from its refusals. Nothing is held back until the first one.
 *
 * A refusal closes the gate, and a probe that is served opens it again. From one opening to the next a server that meters
 * its clients gives away just what its limit allows, be it a token bucket or a window: what was accepted in that time
 * tells the limit. The rate then follows the curve of CUBIC (RFC 9438 §4.2) around that estimate: it starts a little
 * below, is flat where it reaches it, and grows beyond it faster and faster, so that a raised limit is found. Unlike
 * CUBIC's, its depth and duration do not depend on the rate, and it moves on only while it holds requests back.
 */
export class LearnedRate {
  #isLearnt = false
  /** The estimate, in sends per second. */
  #crest = Number.POSITIVE_INFINITY
  #depth = 0
  #plateauMs = 1
  #ageMs = 0
  readonly #bucket = new TokenBucket(1, 1, 0)
  readonly #meter = new RateMeter()
  #isLimiting = false
  #takenAt = 0
  #throttledAt = 0
  #openedAt = 0
  #closedAt: number | undefined = undefined
  #probeAt = 0
  #probeGapMs = 0
  /** The rate at which the server closed. */
  #peak = 0
  // Since the opening that the estimate begins with, and only while requests were held back:
  #busyMs = 0
  #sent = 0
  #refused = 0
  /** What was accepted per second from the opening that the last estimate began with to that one. */
  #meanBefore = 0

  /** Sends per second that it lets through at present; Infinity while nothing is known. */
  get perSecond(): number {
    if (!this.#isLearnt) return Number.POSITIVE_INFINITY
    const beyond = this.#ageMs / this.#plateauMs - 1
    return Math.max(LEAST_PER_SECOND, this.#crest * (1 + this.#depth * beyond ** 3))
  }

  /** Whether it knows a rate that it would not forget at the next send. */
  isInUse(now: number): boolean {
    return this.#isLearnt && now - this.#throttledAt <= FORGOTTEN_AFTER_MS
  }

  /** Milliseconds until the so-manieth send from now may go, as far as is known. */
  waitMs(now: number, sends = 1): number {
    if (!this.#isLearnt) return 0
    if (this.#closedAt === undefined) return this.#filled(now).waitMs(now, sends)
    return Math.max(0, this.#probeAt - now) + ((sends - 1) * 1000) / this.perSecond
  }

  /** Notes that a request is sent. */
  take(now: number): void {
    if (this.#isLearnt) this.#spend(now)
    this.#takenAt = now
  }

  /** Notes that a request was served. @returns Whether that opened the gate. */
  accepted(now: number, sentAt: number): boolean {
    this.#meter.count(now)
    if (this.#closedAt === undefined || sentAt < this.#closedAt) return false
    this.#open(now, now - this.#closedAt)
    return true
  }

  /**
   * Notes a refusal.
   * @param pauseMs How long the server asked not to be asked again.
   * @returns Whether that closed the gate.
   */
  throttled(now: number, sentAt: number, pauseMs: number): boolean {
    this.#throttledAt = now
    const isOpen = this.#closedAt === undefined
    if (this.#isLearnt && sentAt < this.#openedAt) return false
    if (isOpen) this.#close(now)
    this.#refused += 1
    const closedMs = now - (this.#closedAt ?? now)
    // Before the reply is back, another probe would say nothing new.
    this.#probeGapMs = Math.max((PROBE_SENDS * 1000) / this.perSecond, now - sentAt, closedMs * PROBE_SHARE)
    this.#probeAt = Math.max(this.#probeAt, now + Math.max(pauseMs, this.#probeGapMs))
    return isOpen
  }

  #spend(now: number): void {
    const bucket = this.#filled(now)
    const isClosed = this.#closedAt !== undefined
    const isLate = isClosed && now > this.#probeAt + this.#probeGapMs
    this.#isLimiting = !isLate && (isClosed || bucket.level(now) < this.#burst)
    bucket.take(now)
    if (isClosed) this.#probeAt = now + this.#probeGapMs
    if (this.#isLimiting) {
      const passedMs = now - this.#takenAt
      this.#busyMs += passedMs
      this.#sent += 1
      if (!isClosed) this.#ageMs += passedMs
    } else if (!isClosed && now - this.#throttledAt > FORGOTTEN_AFTER_MS) {
      this.#isLearnt = false
    }
  }

  #close(now: number): void {
    const measured = this.#meter.perSecond(now)
    // Of a client that sends little the little that it sends is no sign of the limit.
    this.#peak = this.#isLimiting ? this.perSecond : Math.min(this.perSecond, Math.max(LEAST_FIRST, measured))
    if (!this.#isLearnt) {
      this.#isLearnt = true
      this.#peak = Math.max(LEAST_FIRST, measured)
      this.#crest = this.#peak
      this.#depth = 0
      this.#openedAt = now
      this.#startInterval()
    }
    this.#closedAt = now
  }

  #open(now: number, closedMs: number): void {
    const accepted = this.#sent - this.#refused
    const mean = (accepted * 1000) / this.#busyMs
    const isEnough = accepted >= LEAST_SENDS
    const isExact = isEnough && this.#isSteady(mean, closedMs)
    if (isEnough) this.#meanBefore = mean
    const { depth, plateauMs, plateauSends } = isExact ? EXACT : ROUGH
    this.#crest = Math.max(LEAST_PER_SECOND, isExact ? Math.min(this.#peak, mean) : this.#peak)
    this.#depth = depth
    this.#plateauMs = Math.max(plateauMs, (plateauSends * 1000) / this.#crest)
    this.#ageMs = 0
    this.#closedAt = undefined
    this.#probeAt = 0
    this.#openedAt = now
    this.#bucket.empty(now)
    const isSlow = this.#busyMs > SLOW_MS && accepted >= SLOW_SENDS
    if (isEnough || !isSlow) this.#startInterval()
  }

  /** Whether the mean can be the limit: a rate that has risen from far below has not yet met it for long. */
  #isSteady(mean: number, closedMs: number): boolean {
    return (
      mean > STEADY_SHARE * this.#peak ||
      closedMs > CLOSED_SHARE * this.#busyMs ||
      Math.abs(mean - this.#meanBefore) < SAME_SHARE * mean
    )
  }

  #startInterval(): void {
    this.#busyMs = 0
    this.#sent = 0
    this.#refused = 0
  }

  get #burst(): number {
    return 1 + (this.perSecond * SLACK_MS) / 1000
  }

  #filled(now: number): TokenBucket {
    this.#bucket.adjust(now, this.perSecond, this.#burst)
    return this.#bucket
  }
}
