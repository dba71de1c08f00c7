import { TokenBucket } from "steadfetch"
import { DeliveryRate } from "./delivery-rate.ts"
import { Drain } from "./drain.ts"

/**
 * So many sendings in a row without a reply, or with a 5xx, are an outage: of a server that fails one in ten at random that is
 * to be expected once in 100,000; of one that is down it is seen after little more than the sendings under way.
 */
const FAILURES_TO_CLOSE = 5

/** The first probe comes after up to so long, each further one after up to twice as long. */
const FIRST_PROBE_MS = 1000
const LONGEST_PROBE_MS = 60_000

/** A server that asks for more than this is asked again by one delivery all the same: its entries have lifetimes. */
const LONGEST_PAUSE_MS = 3_600_000

/** A pause ends late by up to this share of it, or this many milliseconds: those who were paused alike do not come alike. */
const PAUSE_JITTER = 0.1
const MOST_PAUSE_JITTER_MS = 5000

/** What piles up within less is no crowd. */
const CROWDED_AFTER_MS = 60_000

/** Token buckets are filled in fractions. */
const NEARLY = 1e-6

/** What a sending says about its origin. "none": nothing, as it was not sent, or ended by us. */
export interface Sign {
  readonly kind: "served" | "failed" | "none"
  /** How long the server, or a policy of the client's, wants the origin left alone. */
  readonly pauseMs?: number | undefined
}

/** How an origin stands with this process. */
export interface GateStatus {
  /**
   * - `open`: entries go as they fall due.
   * - `paused`: the server asked to be left alone until `until`.
   * - `probing`: it is in outage; the next single delivery goes at `until`.
   * - `recovering`: it answers again, and gets what has piled up little by little.
   */
  readonly state: "open" | "paused" | "probing" | "recovering"
  readonly until: Date | undefined
  readonly sending: number
  /** How many may be sent at the same time. */
  readonly concurrency: number
  /** How many may be sent per second; undefined without a limit. */
  readonly perSecond: number | undefined
}

/** See {@link OriginGate}. */
export interface GateOptions {
  readonly perOrigin: number
  readonly perSecond: number | undefined
  readonly random: () => number
}

/** How much one origin may be sent. Times are those of `Clock.now()`. */
export class OriginGate {
  readonly #options: GateOptions
  readonly #pace: TokenBucket | undefined
  readonly #usual = new DeliveryRate()
  /** The rate before the origin was held back. */
  #usualPerSecond: number | undefined
  #state: GateStatus["state"] = "open"
  #limit: number
  #sending = 0
  #failures = 0
  #closedAt = 0
  #closedUntil = 0
  #probeMs = 0
  #drain: Drain | undefined
  #usedAt: number

  constructor(options: GateOptions, now: number) {
    const { perOrigin, perSecond } = options
    this.#options = options
    this.#limit = perOrigin
    this.#usedAt = now
    this.#usual.restart(now)
    // A tenth of a second's worth at once, so that fast paces need no timer for each.
    this.#pace = perSecond === undefined ? undefined : new TokenBucket(perSecond, Math.max(1, perSecond / 10), now)
  }

  /** Whether the origin is held back altogether. */
  get isClosed(): boolean {
    return this.#state === "paused" || this.#state === "probing"
  }

  /** How many more may be sent now. */
  room(now: number): number {
    if (this.isClosed) return now >= this.#closedUntil && this.#sending === 0 ? 1 : 0
    const free = this.#limit - this.#sending
    const paced = this.#pace === undefined ? free : Math.floor(this.#pace.level(now) + NEARLY)
    const drained = this.#drain === undefined ? free : Number(this.#drain.waitMs(now) < NEARLY)
    return Math.max(0, Math.min(free, paced, drained))
  }

  /** When there may be room again, if only time is in the way; Infinity when a sending has to end first. */
  opensAt(now: number): number {
    if (this.isClosed && now < this.#closedUntil) return this.#closedUntil
    if (this.#sending >= (this.isClosed ? 1 : this.#limit)) return Number.POSITIVE_INFINITY
    if (this.isClosed) return now
    return now + Math.max(this.#pace?.waitMs(now) ?? 0, this.#drain?.waitMs(now) ?? 0)
  }

  /** Notes that an entry is being sent. */
  take(now: number): void {
    this.#usedAt = now
    this.#sending += 1
    this.#pace?.take(now)
    this.#drain?.take(now)
  }

  /** Notes how a sending ended. */
  ended({ kind, pauseMs = 0 }: Sign, now: number): void {
    this.#usedAt = now
    this.#sending -= 1
    if (kind === "served") this.#served(now)
    if (kind === "failed") this.#failed(now)
    if (pauseMs > 0) this.#pause(Math.min(pauseMs, LONGEST_PAUSE_MS), now)
  }

  /** Notes that nothing more of this origin is due: what had piled up is gone. */
  emptied(now: number): void {
    if (this.#drain === undefined || this.#sending > 0 || this.isClosed) return
    this.#drain = undefined
    if (this.#limit === this.#options.perOrigin) this.#open(now)
  }

  /** Whether it is to be told when nothing more is due. */
  get wantsEmptied(): boolean {
    return this.#drain !== undefined
  }

  /** Whether what waits for this origin is to be counted, to see whether it gets fewer. */
  wantsCount(now: number): boolean {
    return this.#drain?.wantsCount(now) === true
  }

  counted(waiting: number, now: number): void {
    this.#drain?.counted(waiting, now)
  }

  /** Whether nothing is known that a gate made anew would not know, lately. */
  isIdle(now: number, idleMs: number): boolean {
    return this.#state === "open" && this.#sending === 0 && now - this.#usedAt >= idleMs
  }

  status(now: number, date: number): GateStatus {
    const drained = this.#drain?.perSecond
    const { perSecond } = this.#options
    return {
      state: this.#state,
      until: this.isClosed ? new Date(date + Math.max(0, this.#closedUntil - now)) : undefined,
      sending: this.#sending,
      concurrency: this.#limit,
      perSecond: drained === undefined ? perSecond : Math.min(drained, perSecond ?? drained),
    }
  }

  #served(now: number): void {
    this.#failures = 0
    if (this.#state === "open") return this.#usual.count(now)
    // A server that answers while it is paused still wants to be left alone.
    if (this.#state === "paused" && now < this.#closedUntil) return
    if (this.isClosed) this.#recover(now)
    this.#limit = Math.min(this.#options.perOrigin, this.#limit * 2)
    if (this.#limit < this.#options.perOrigin) return
    this.#probeMs = 0
    if (this.#drain === undefined) this.#open(now)
  }

  #failed(now: number): void {
    this.#failures += 1
    if (this.isClosed && now < this.#closedUntil) return
    const isFeelingItsWay = this.isClosed || this.#limit < this.#options.perOrigin
    if (!isFeelingItsWay && this.#failures < FAILURES_TO_CLOSE) return
    this.#probeMs = Math.min(LONGEST_PROBE_MS, Math.max(FIRST_PROBE_MS, this.#probeMs * 2))
    // Never less than half of it, and never the same for two.
    this.#close("probing", this.#probeMs * (0.5 + this.#options.random() / 2), now)
  }

  #pause(pauseMs: number, now: number): void {
    const lateMs = this.#options.random() * Math.min(pauseMs * PAUSE_JITTER, MOST_PAUSE_JITTER_MS)
    if (this.isClosed && now + pauseMs < this.#closedUntil) return
    this.#close("paused", pauseMs + lateMs, now)
  }

  #close(state: "paused" | "probing", forMs: number, now: number): void {
    if (this.#state === "open") {
      this.#closedAt = now
      this.#usualPerSecond = this.#usual.perSecond(now) ?? this.#usualPerSecond
    }
    this.#state = state
    this.#closedUntil = now + forMs
    this.#limit = 1
  }

  #recover(now: number): void {
    this.#state = "recovering"
    // Whoever sets a pace has said what the origin bears.
    if (this.#pace !== undefined || now - this.#closedAt < CROWDED_AFTER_MS) return
    this.#drain ??= new Drain(this.#usualPerSecond, now)
  }

  #open(now: number): void {
    this.#state = "open"
    this.#usual.restart(now)
  }
}
