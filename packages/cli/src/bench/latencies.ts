import { createHistogram } from "node:perf_hooks"

/** Longer ones count as an hour. */
const MOST_US = 3_600_000_000

/** What is told of latencies, in milliseconds. */
export interface LatencySummary {
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** Latencies from a microsecond to an hour, to three digits, in 200 kB however many there are (an HDR histogram). */
export class Latencies {
  readonly #histogram = createHistogram({ lowest: 1, highest: MOST_US, figures: 3 })
  /** The histogram itself knows it to three digits. */
  #maxMs = 0

  note(latencyMs: number): void {
    this.#maxMs = Math.max(this.#maxMs, latencyMs)
    this.#histogram.record(Math.min(MOST_US, Math.max(1, Math.round(latencyMs * 1000))))
  }

  /** The latency that so many percent do not exceed; undefined when there are none. */
  percentileMs(percent: number): number | undefined {
    return this.#histogram.count === 0 ? undefined : Math.min(this.#maxMs, this.#histogram.percentile(percent) / 1000)
  }

  /** Undefined when there are none. */
  get summary(): LatencySummary | undefined {
    if (this.#histogram.count === 0) return undefined
    const of = (percent: number): number => this.percentileMs(percent) ?? 0
    const mean = Math.min(this.#maxMs, this.#histogram.mean / 1000)
    return { mean, p50: of(50), p90: of(90), p99: of(99), p999: of(99.9), max: this.#maxMs }
  }
}
