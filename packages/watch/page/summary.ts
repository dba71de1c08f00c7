import { percentile } from "../src/latencies.ts"
import type { Counts, Second } from "../src/story.ts"

/** What seconds come to together. */
export interface Summary {
  /** Calls that began. */
  readonly begun: number
  /** Calls that ended. */
  readonly calls: number
  readonly attempts: number
  readonly callEnds: Counts
  readonly attemptEnds: Counts
  readonly recovered: number
  readonly waits: number
  readonly waitMs: number
  readonly p50: number | undefined
  readonly p95: number | undefined
  readonly p99: number | undefined
}

/** Of these seconds, those after one instant and up to another: where the time of day was set back, some are still to come. */
export function within(seconds: readonly Second[], after: number, upTo: number): readonly Second[] {
  return seconds.filter(({ at }) => at > after && at <= upTo)
}

export function summarize(seconds: readonly Second[]): Summary {
  const callEnds = added(seconds.map(({ calls }) => calls))
  const attemptEnds = added(seconds.map(({ attempts }) => attempts))
  const latencies = seconds.map(({ latencies }) => latencies)
  return {
    begun: sum(seconds.map(({ begun }) => begun)),
    calls: sum(callEnds),
    attempts: sum(attemptEnds),
    callEnds,
    attemptEnds,
    recovered: sum(seconds.map(({ recovered }) => recovered)),
    waits: sum(seconds.map(({ waits }) => waits)),
    waitMs: sum(seconds.map(({ waitMs }) => waitMs)),
    p50: percentile(latencies, 0.5),
    p95: percentile(latencies, 0.95),
    p99: percentile(latencies, 0.99),
  }
}

function added(all: readonly Counts[]): Counts {
  const total: Counts = [0, 0, 0, 0, 0]
  for (const counts of all) for (const [end, count] of counts.entries()) total[end] = (total[end] ?? 0) + count
  return total
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
