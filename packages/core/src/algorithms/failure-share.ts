/** Results weigh e times less after so many milliseconds. */
const DECAY_MS = 10_000

/** So many imagined successes stand against the first failures: one failure of one attempt is not "100 % fail". */
const BENEFIT_OF_DOUBT = 5

/** How much of what was tried of late has failed. Nothing expires: each result weighs less the longer ago it was. */
export class FailureShare {
  #failures = 0
  #results = 0
  #notedAt = 0

  /** Notes a result. */
  note(failed: boolean, nowMs: number): void {
    const weight = this.#weight(nowMs)
    this.#failures = this.#failures * weight + (failed ? 1 : 0)
    this.#results = this.#results * weight + 1
    this.#notedAt = nowMs
  }

  /** Begins anew. */
  forget(): void {
    this.#failures = 0
    this.#results = 0
  }

  /** How many results there are to go by, each by its weight. */
  volume(nowMs: number): number {
    return this.#results * this.#weight(nowMs)
  }

  /** The share of failures, from 0 to 1; 0 when there are no results. Needs volume to mean something. */
  get measured(): number {
    return this.#results === 0 ? 0 : this.#failures / this.#results
  }

  /** As `measured`, but few or old results count for little: fit for comparing what has little volume. */
  suspected(nowMs: number): number {
    const weight = this.#weight(nowMs)
    return (this.#failures * weight) / (this.#results * weight + BENEFIT_OF_DOUBT)
  }

  #weight(nowMs: number): number {
    return Math.exp((this.#notedAt - nowMs) / DECAY_MS)
  }
}
