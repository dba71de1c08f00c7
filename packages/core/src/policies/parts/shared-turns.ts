import type { FixedRate } from "../../algorithms/paced-rate.ts"
import { TokenBucket } from "../../algorithms/token-bucket.ts"
import type { Clock } from "../../runtime.ts"
import { checked, kindOf, refuse } from "../../validation.ts"

/** A rate and pauses that several processes keep together, somewhere that all of them can ask. */
export interface SharedPace {
  /** The part of the rate that one process keeps to while it cannot ask: 1 / (number of processes). */
  readonly share: number
  /**
   * Asks for the turns of so many attempts. Without a rate only pauses count.
   * @returns How many may go at once, from 0, and in how many milliseconds the next may.
   */
  take(key: string, rate: FixedRate | undefined, wanted: number): Promise<SharedGrant>
  /** Holds a key back in all processes for so many milliseconds; never shortens a pause. */
  pause(key: string, pauseMs: number): Promise<void>
}

/** What {@link SharedPace.take} grants. */
export interface SharedGrant {
  readonly granted: number
  readonly nextMs: number
}

/** Whether a process keeps to the shared rate or, as it cannot ask, to its share of it. */
export interface SharingChange {
  readonly state: "alone" | "shared"
  readonly why: string
}

/** What `pace({ shared })` is given. */
export type TurnsOf = (key: string, rate: FixedRate | undefined) => SharedTurns

/**
 * Turns that a store of yours grants: `pace({ perSecond: 100, shared: sharedTurns(store) })`.
 * @throws ConfigurationError for what is no such store, and for a share that is not above 0 and up to 1.
 */
export function sharedTurns(store: SharedPace): TurnsOf {
  if (typeof store?.take !== "function" || typeof store.pause !== "function")
    refuse("sharedTurns", kindOf(store), "a store that has take() and pause()")
  checked("sharedTurns.share", store.share, 0.000_001, 1)
  return (key, rate) => new SharedTurns(key, store, rate)
}

/** An answer that takes longer counts as none: attempts do not wait for the store of their rate. */
const MOST_ASKING_MS = 250

/** After no answer it is asked again so much later. */
const AWAY_MS = 1000

/** Turns that were granted to attempts that left meanwhile are good for the next for so long. */
const GOOD_FOR_MS = 1000

/** Turns asked for at once, at most: a process that dies takes no more with it. */
const MOST_WANTED = 100

/** The turns of one key that other processes have a part in; by itself, at its share of the rate, while it cannot ask. */
export class SharedTurns {
  readonly #key: string
  readonly #shared: SharedPace
  readonly #rate: FixedRate | undefined
  readonly #alone: TokenBucket | undefined
  #held = 0
  #goodUntil = 0
  #nextAt = 0
  #awayUntil = 0
  #isAway = false
  #isAsking = false

  constructor(key: string, shared: SharedPace, rate: FixedRate | undefined) {
    this.#key = key
    this.#shared = shared
    this.#rate = rate
    if (rate !== undefined) {
      const burst = Math.max(1, Math.floor(rate.burst * shared.share))
      this.#alone = new TokenBucket(rate.perSecond * shared.share, burst, 0)
    }
  }

  /** Attempts per second, at most: the share of them while it cannot ask. */
  get perSecond(): number {
    const { perSecond } = this.#rate ?? { perSecond: Number.POSITIVE_INFINITY }
    return this.#isAway ? perSecond * this.#shared.share : perSecond
  }

  /** Whether anything is known, or under way, that turns made anew would not know. */
  isInUse(now: number): boolean {
    const isFull = this.#alone === undefined || this.#alone.waitMs(now) === 0
    return this.#isAsking || this.#isAway || this.#nextAt > now || this.#turns(now) > 0 || !isFull
  }

  /** Milliseconds until the so-manieth attempt from now may go, or may be asked for, as far as is known. */
  waitMs(now: number, sends = 1): number {
    if (this.#isAway) return this.#alone?.waitMs(now, sends) ?? 0
    const missing = sends - this.#turns(now)
    return missing <= 0 ? 0 : Math.max(0, this.#nextAt - now) + ((missing - 1) * 1000) / this.perSecond
  }

  /** Whether the next attempt needs no asking: its turn was granted, or it goes by the share of this process. */
  isReady(now: number): boolean {
    return this.#isAway || this.#turns(now) > 0
  }

  /** Whether it is time to ask: for a turn, or whether asking is possible again. */
  isDue(now: number): boolean {
    return !this.#isAsking && now >= (this.#isAway ? this.#awayUntil : this.#nextAt) && this.#turns(now) === 0
  }

  take(now: number): void {
    if (this.#isAway) this.#alone?.take(now)
    else this.#held = this.#turns(now) - 1
  }

  /**
   * Asks for so many turns.
   * @param answered Called when the answer is there, or did not come; with what has changed about asking, if anything has.
   */
  ask(wanted: number, clock: Clock, answered: (change?: SharingChange) => void): void {
    this.#isAsking = true
    let isOver = false
    const end = (settle: (now: number) => SharingChange | undefined): void => {
      if (isOver) return
      isOver = true
      callOff()
      this.#isAsking = false
      answered(settle(clock.now()))
    }
    const fail = (why: string): void => end((now) => this.#goAlone(now, why))
    const callOff = clock.after(MOST_ASKING_MS, () => fail(`no answer within ${MOST_ASKING_MS} ms`))
    this.#shared.take(this.#key, this.#rate, Math.min(Math.max(1, wanted), MOST_WANTED)).then(
      (grant) => end((now) => this.#accept(now, grant)),
      (error: unknown) => fail(error instanceof Error ? error.message : String(error)),
    )
  }

  /** Tells the others of a pause; best effort. */
  pause(pauseMs: number): void {
    this.#shared.pause(this.#key, pauseMs).catch(() => {})
  }

  #accept(now: number, { granted, nextMs }: SharedGrant): SharingChange | undefined {
    this.#held = this.#turns(now) + granted
    this.#goodUntil = now + GOOD_FOR_MS
    // Were it 0 without a turn, it would ask again and again.
    this.#nextAt = now + (granted > 0 ? Math.max(0, nextMs) : Math.max(1, nextMs))
    if (!this.#isAway) return undefined
    this.#isAway = false
    return { state: "shared", why: "the rate is shared with the other processes again" }
  }

  #goAlone(now: number, why: string): SharingChange | undefined {
    this.#awayUntil = now + AWAY_MS
    if (this.#isAway) return undefined
    this.#isAway = true
    return { state: "alone", why: `the shared rate cannot be asked for: ${why}` }
  }

  #turns(now: number): number {
    return now < this.#goodUntil ? this.#held : 0
  }
}
