import { backoffMs } from "./backoff.ts"
import { SlidingCounts } from "./sliding-counts.ts"

/** "closed": attempts pass. "open": none does. "half-open": a few do, as probes. */
export type CircuitState = "closed" | "open" | "half-open"

/** When a circuit opens, and how it closes again. */
export interface CircuitNumbers {
  /** Milliseconds of history that count. */
  readonly windowMs: number
  /** With fewer attempts in the window it does not open. */
  readonly minAttempts: number
  /** Opens when this share of the attempts failed. */
  readonly failureRatio: number
  /** Opens when this share of the attempts was slow. */
  readonly slowRatio: number
  /** How many probes may be under way at once, and how many must succeed for it to close. */
  readonly probes: number
  /** The first opening lasts at most so long, each further one in a row up to twice as long. */
  readonly openMs: number
  /** No opening lasts longer; and a probe that is under way for longer is taken for lost. */
  readonly maxOpenMs: number
}

/** Why a circuit is in its state, and the numbers that decided it. */
export interface Turn {
  readonly why: string
  readonly numbers: { attempts: number; failures: number; slow: number; openMs: number }
}

/** In place of a ticket: the attempt may not go. */
export const REFUSED = 0

const ATTEMPTS = 0
const FAILURES = 1
const SLOW = 2

/**
 * A circuit breaker (M. Nygard, "Release It!", 2007): opens when too many of the latest attempts failed, lets a few probes
 * through after a while, and closes when they succeed. The while doubles with each opening in a row, up to a bound, and is
 * drawn between half of that and all of it, so that clients which opened together do not probe together.
 *
 * An attempt carries a ticket of the state that it began in, so that one which outlives that state decides nothing.
 */
export class Circuit {
  readonly #numbers: CircuitNumbers
  readonly #counts: SlidingCounts
  #state: CircuitState = "closed"
  #turn: Turn = { why: "nothing happened yet", numbers: { attempts: 0, failures: 0, slow: 0, openMs: 0 } }
  /** The ticket of the present state; each change makes a new one. */
  #ticket = REFUSED + 1
  #openings = 0
  /** The next instant at which time alone lets a probe through. */
  #probeAt = 0
  #underWay = 0
  #served = 0
  #ended = 0

  constructor(numbers: CircuitNumbers) {
    this.#numbers = numbers
    this.#counts = new SlidingCounts(numbers.windowMs, 3)
  }

  get state(): CircuitState {
    return this.#state
  }

  /** What led to the present state. */
  get turn(): Turn {
    return this.#turn
  }

  /** While it is not closed: the instant at which a probe may go even if nothing happens until then. */
  get probeAt(): number {
    return this.#probeAt
  }

  /** Whether it refuses attempts, or would let only a probe through; not when nobody has come to be one for long. */
  isInUse(nowMs: number): boolean {
    return this.#state !== "closed" && nowMs < this.#probeAt + this.#numbers.maxOpenMs
  }

  /** A ticket for an attempt, to be given back by `settle` or `release`; or REFUSED. */
  admit(nowMs: number): number {
    if (this.#state === "closed") return this.#ticket
    const isDue = nowMs >= this.#probeAt
    if (this.#state === "open") {
      if (!isDue) return REFUSED
      const { openMs } = this.#turn.numbers
      this.#become("half-open", { why: "the open time is over", numbers: { ...NONE, openMs } })
    } else if (!isDue && this.#underWay + this.#served >= this.#numbers.probes) return REFUSED
    this.#underWay++
    // A probe of which nothing is ever heard again must not keep the circuit half-open for ever.
    this.#probeAt = nowMs + this.#numbers.maxOpenMs
    return this.#ticket
  }

  /**
   * Notes how an attempt ended. An attempt that failed can be slow as well.
   * @param random From 0 up to but not including 1.
   * @returns Whether it counted: it did not when it began in an earlier state.
   */
  settle(ticket: number, failed: boolean, slow: boolean, nowMs: number, random: () => number): boolean {
    if (ticket !== this.#ticket) return false
    if (this.#state === "closed") this.#count(failed, slow, nowMs, random)
    else this.#probed(failed, slow, nowMs, random)
    return true
  }

  /** Takes a ticket back from an attempt that says nothing about the server. @returns Whether that freed a probe's place. */
  release(ticket: number): boolean {
    if (ticket !== this.#ticket || this.#state !== "half-open") return false
    this.#underWay--
    return true
  }

  #count(failed: boolean, slow: boolean, nowMs: number, random: () => number): void {
    this.#counts.add(ATTEMPTS, nowMs)
    if (failed) this.#counts.add(FAILURES, nowMs)
    if (slow) this.#counts.add(SLOW, nowMs)
    // A success may complete the volume, but is no reason to open.
    if (!failed && !slow) return
    const attempts = this.#counts.count(ATTEMPTS, nowMs)
    const failures = this.#counts.count(FAILURES, nowMs)
    const slowOnes = this.#counts.count(SLOW, nowMs)
    const { minAttempts, failureRatio, slowRatio } = this.#numbers
    if (attempts < minAttempts) return
    const numbers = { attempts, failures, slow: slowOnes }
    if (failures >= failureRatio * attempts)
      this.#open(`${failures} of ${attempts} attempts failed`, numbers, nowMs, random)
    else if (slowOnes >= slowRatio * attempts)
      this.#open(`${slowOnes} of ${attempts} attempts were slow`, numbers, nowMs, random)
  }

  #probed(failed: boolean, slow: boolean, nowMs: number, random: () => number): void {
    this.#underWay--
    this.#ended++
    const numbers = { attempts: this.#ended, failures: Number(failed), slow: Number(slow) }
    if (failed || slow) return this.#open(failed ? "a probe failed" : "a probe was slow", numbers, nowMs, random)
    if (++this.#served < this.#numbers.probes) return
    this.#openings = 0
    this.#counts.clear()
    const { openMs } = this.#turn.numbers
    const why = this.#served === 1 ? "the probe succeeded" : `${this.#served} probes succeeded`
    this.#become("closed", { why, numbers: { ...numbers, openMs } })
  }

  #open(why: string, counts: Omit<Turn["numbers"], "openMs">, nowMs: number, random: () => number): void {
    const mostMs = backoffMs(++this.#openings, this.#numbers.openMs, this.#numbers.maxOpenMs)
    const openMs = Math.round((mostMs * (1 + random())) / 2)
    this.#probeAt = nowMs + openMs
    this.#become("open", { why, numbers: { ...counts, openMs } })
  }

  #become(state: CircuitState, turn: Turn): void {
    this.#state = state
    this.#turn = turn
    this.#ticket++
    this.#underWay = 0
    this.#served = 0
    this.#ended = 0
  }
}

const NONE = { attempts: 0, failures: 0, slow: 0 }
