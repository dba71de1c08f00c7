/** How many retries successes pay for. A 4xx other than 429 that is not to be sent again counts as one: its server is well. */
export interface BudgetOptions {
  /** Tokens that each success adds; a retry costs one. So many retries per success are sustained. Default 0.15. */
  readonly perSuccess?: number | undefined
  /** The most tokens an origin can hold, and what it starts with. Default 10. */
  readonly capacity?: number | undefined
}

/** Origins remembered at once; the one longest unused is forgotten first, and starts with a full bucket again. */
const MOST_ORIGINS = 1000

/**
 * A retry budget per origin: a bucket that successes fill and retries empty. When an origin fails entirely, nothing
 * fills it, so retries end by themselves. There is no rate floor: it would keep a collapsed service down.
 */
export class RetryBudget {
  /** The most tokens of an origin. */
  readonly capacity: number
  readonly #perSuccess: number
  readonly #tokens = new Map<string, number>()

  constructor(perSuccess: number, capacity: number) {
    this.#perSuccess = perSuccess
    this.capacity = capacity
  }

  /** Whether any origin has less than its full bucket: until then there is nothing to deposit. */
  get isDrawn(): boolean {
    return this.#tokens.size > 0
  }

  /** What is left for an origin. */
  tokens(origin: string): number {
    return this.#tokens.get(origin) ?? this.capacity
  }

  /** Notes a success. */
  deposit(origin: string): void {
    const tokens = this.#tokens.get(origin)
    if (tokens === undefined) return
    if (tokens + this.#perSuccess >= this.capacity) this.#tokens.delete(origin)
    else this.#tokens.set(origin, tokens + this.#perSuccess)
  }

  /** Pays for one retry; false when there is not enough. */
  withdraw(origin: string): boolean {
    const tokens = this.tokens(origin)
    if (tokens < 1) return false
    this.#tokens.delete(origin)
    this.#tokens.set(origin, tokens - 1)
    if (this.#tokens.size > MOST_ORIGINS) this.#forgetOldest()
    return true
  }

  #forgetOldest(): void {
    for (const origin of this.#tokens.keys()) {
      this.#tokens.delete(origin)
      return
    }
  }
}
