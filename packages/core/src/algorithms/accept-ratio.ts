import { SlidingCounts } from "./sliding-counts.ts"

const REQUESTS = 0
const ACCEPTS = 1

/** What the chance of rejection is computed from. */
export interface AcceptRatioNumbers {
  /** Milliseconds of history that count. */
  readonly windowMs: number
  /** Requests that may go out per accepted one: K. */
  readonly perAccept: number
  /** The chance never exceeds this, so that something still goes out and finds the server well again. */
  readonly maxRejection: number
  /** With fewer requests in the window the chance is 0. */
  readonly minRequests: number
}

/**
 * How likely it is best to reject a request before it is sent, judged by how many of the latest ones were accepted:
 * `max(0, (requests − K · accepts) / (requests + 1))` ("Handling Overload" in Site Reliability Engineering, 2016).
 * Requests are noted when it is known what became of them, so that slow ones do not look like refused ones.
 */
export class AcceptRatio {
  readonly #numbers: AcceptRatioNumbers
  readonly #counts: SlidingCounts

  constructor(numbers: AcceptRatioNumbers) {
    this.#numbers = numbers
    this.#counts = new SlidingCounts(numbers.windowMs, 2)
  }

  /** Notes a request and whether the server took it; one that was rejected before it was sent was not taken. */
  note(isAccepted: boolean, nowMs: number): void {
    this.#counts.add(REQUESTS, nowMs)
    if (isAccepted) this.#counts.add(ACCEPTS, nowMs)
  }

  /** The chance, from 0 to `maxRejection`, with which the next request is to be rejected. */
  rejectionChance(nowMs: number): number {
    const { perAccept, maxRejection, minRequests } = this.#numbers
    const requests = this.requests(nowMs)
    if (requests < minRequests) return 0
    const chance = (requests - perAccept * this.accepts(nowMs)) / (requests + 1)
    return Math.min(maxRejection, Math.max(0, chance))
  }

  /** How many requests the window holds. */
  requests(nowMs: number): number {
    return this.#counts.count(REQUESTS, nowMs)
  }

  /** How many of them the server took. */
  accepts(nowMs: number): number {
    return this.#counts.count(ACCEPTS, nowMs)
  }
}
