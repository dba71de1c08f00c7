import { FailureShare } from "./failure-share.ts"
import { PeakEwma } from "./peak-ewma.ts"

/** What an attempt says about the endpoint that it went to; "nothing" when it was ended from our side. */
export type Sign = "success" | "failure" | "nothing"

/** How long endpoints are left alone. */
export interface EjectionNumbers {
  /** An endpoint is ejected after so many failures in a row. */
  readonly ejectAfter: number
  /** For about so many milliseconds, times the number of its ejections. */
  readonly ejectMs: number
  /** But never longer than this. */
  readonly maxEjectMs: number
}

/** Many clients must not come back to an endpoint at one instant: up to this share of an ejection is left out by chance. */
const JITTER = 0.2

/** What is known of one endpoint. Nothing here runs by itself: an ejection or a rest is over when someone looks. */
export class EndpointHealth {
  readonly latency = new PeakEwma()
  readonly failures = new FailureShare()
  /** Attempts under way, their bodies included. */
  pending = 0
  /** Whether one attempt is under way to find out if it can be readmitted. */
  isProbed = false
  /** When a probe may go, at the earliest; undefined while it is admitted. */
  returnsAt: number | undefined = undefined
  /** Before this instant it has asked not to be asked. */
  restsUntil = Number.NEGATIVE_INFINITY
  /** Ejections that weigh on the length of the next one. */
  ejections = 0
  /** How often it has been ejected in all: what began in an earlier era tells nothing new. */
  era = 0
  #failuresInARow = 0
  #readmittedAt = Number.NEGATIVE_INFINITY
  readonly #numbers: EjectionNumbers

  constructor(numbers: EjectionNumbers) {
    this.#numbers = numbers
  }

  get isEjected(): boolean {
    return this.returnsAt !== undefined
  }

  get failuresInARow(): number {
    return this.#failuresInARow
  }

  /** Whether it has failed so often in a row that it is to be ejected. */
  get isFailing(): boolean {
    return this.#failuresInARow >= this.#numbers.ejectAfter
  }

  /** Whether it can be asked like any other. */
  isSound(nowMs: number): boolean {
    return !this.isEjected && this.restsUntil <= nowMs
  }

  /** Notes what an attempt found. */
  note(failed: boolean, nowMs: number): void {
    this.failures.note(failed, nowMs)
    this.#failuresInARow = failed ? this.#failuresInARow + 1 : 0
  }

  /** Leaves it alone: longer each time, and less so the longer it did well in between. */
  eject(nowMs: number, random: () => number): void {
    const { ejectMs, maxEjectMs } = this.#numbers
    const forgiven = this.isEjected ? 0 : Math.floor((nowMs - this.#readmittedAt) / ejectMs)
    this.ejections = Math.max(0, this.ejections - forgiven) + 1
    this.era++
    this.returnsAt = nowMs + Math.min(maxEjectMs, ejectMs * this.ejections) * (1 - JITTER * random())
  }

  /** Takes it back, without what was held against it. */
  readmit(nowMs: number): void {
    this.returnsAt = undefined
    this.#readmittedAt = nowMs
    this.#failuresInARow = 0
    this.failures.forget()
  }
}

/** Shares of failures that differ by less than this are alike. */
const ALIKE = 0.1

/** The better of two: the one that fails clearly less, else the one that is expected to answer sooner. */
export function better(one: EndpointHealth, other: EndpointHealth, nowMs: number): EndpointHealth {
  const gap = one.failures.suspected(nowMs) - other.failures.suspected(nowMs)
  if (Math.abs(gap) > ALIKE) return gap < 0 ? one : other
  const difference = cost(one, nowMs) - cost(other, nowMs)
  // Two of unknown speed that are both being tried: NaN.
  if (Number.isNaN(difference)) return one.pending <= other.pending ? one : other
  return difference <= 0 ? one : other
}

/** What one more attempt would wait. One of unknown speed is tried gladly, but by one attempt at a time. */
function cost({ latency, pending }: EndpointHealth, nowMs: number): number {
  if (latency.isStale(nowMs) && pending > 0) return Number.POSITIVE_INFINITY
  return latency.at(nowMs) * (pending + 1)
}
