/** Each bucket reaches 5 % further than the one before it; what lies within one is interpolated. */
const STEP = 0.05
const LEAST_MS = 0.1
/** As far as 10 minutes. */
const BUCKETS = 313
/** An observation weighs e times less after so many later ones. */
const MEMORY = 1000
/** The quantile is calculated anew after so many observations. */
const REFRESH = 10

/**
 * A quantile of latencies, of which some are known only to be longer than what was waited for: an attempt that was given
 * up when another one answered first. Leaving those out would make a hedge's delay shrink with every hedge (survivorship
 * bias), so they are taken into account for as long as they lasted: the estimator of Kaplan and Meier (1958), on
 * logarithmic buckets whose weights fade as observations arrive, not as time passes.
 */
export class LatencyQuantile {
  readonly #survival: number
  readonly #ended: Float32Array
  readonly #givenUp: Float32Array
  #weight = 1
  #samples = 0
  #valueMs = 0

  /** @param quantile From 0 to 1, both excluded. */
  constructor(quantile: number) {
    this.#survival = 1 - quantile
    this.#ended = new Float32Array(BUCKETS)
    this.#givenUp = new Float32Array(BUCKETS)
  }

  /** How many observations there were. */
  get samples(): number {
    return this.#samples
  }

  /** The quantile, in milliseconds; 0 before the first observations. */
  get valueMs(): number {
    return this.#valueMs
  }

  /** Notes how long an attempt took or, when it was given up, how long it had taken until then. */
  add(latencyMs: number, wasGivenUp: boolean): void {
    const bucket = Math.floor(Math.log(Math.max(latencyMs, LEAST_MS) / LEAST_MS) / STEP)
    const place = Math.min(bucket, BUCKETS - 1)
    const weights = wasGivenUp ? this.#givenUp : this.#ended
    weights[place] = (weights[place] ?? 0) + this.#weight
    this.#weight *= 1 + 1 / MEMORY
    if (this.#weight > 1e6) this.#scaleDown()
    this.#samples++
    if (this.#samples % REFRESH === 0) this.#valueMs = this.#estimate()
  }

  #scaleDown(): void {
    for (const weights of [this.#ended, this.#givenUp]) weights.forEach((was, place) => (weights[place] = was / 1e6))
    this.#weight /= 1e6
  }

  #estimate(): number {
    let atRisk = 0
    let last = 0
    for (let place = 0; place < BUCKETS; place++) {
      const weight = this.#in(place)
      if (weight > 0) last = place
      atRisk += weight
    }
    let survival = 1
    for (let place = 0; place <= last; place++) {
      const ended = this.#ended[place] ?? 0
      const next = survival * (1 - ended / atRisk)
      if (ended > 0 && next <= this.#survival) return upTo(place + (survival - this.#survival) / (survival - next))
      survival = next
      atRisk -= this.#in(place)
    }
    // So many were given up that the quantile lies beyond all that is known.
    return upTo(last + 1)
  }

  #in(place: number): number {
    return (this.#ended[place] ?? 0) + (this.#givenUp[place] ?? 0)
  }
}

function upTo(buckets: number): number {
  return LEAST_MS * Math.exp(buckets * STEP)
}
