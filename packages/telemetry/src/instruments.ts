import type { Counter, Gauge, Histogram, Meter } from "@opentelemetry/api"
import { METRIC_HTTP_CLIENT_REQUEST_DURATION } from "@opentelemetry/semantic-conventions"

/** What is measured. Durations are in seconds. */
export interface Instruments {
  readonly requestDuration: Histogram
  readonly callDuration: Histogram
  readonly waitDuration: Histogram
  readonly retries: Counter
  readonly hedges: Counter
  readonly rejections: Counter
  readonly budget: Gauge
  readonly breakerState: Gauge
}

/** The boundaries that the semantic conventions advise for HTTP requests. */
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** Calls and waits take longer: a deadline is 60 seconds unless it is set. */
const CALL_SECONDS = [...REQUEST_SECONDS, 30, 60, 120]

export function makeInstruments(meter: Meter): Instruments {
  const seconds = (name: string, description: string, boundaries: readonly number[]): Histogram =>
    meter.createHistogram(name, { description, unit: "s", advice: { explicitBucketBoundaries: [...boundaries] } })
  const count = (name: string, description: string, unit: string): Counter =>
    meter.createCounter(name, { description, unit })
  return {
    requestDuration: seconds(
      METRIC_HTTP_CLIENT_REQUEST_DURATION,
      "Duration of HTTP client requests: each attempt by itself.",
      REQUEST_SECONDS,
    ),
    callDuration: seconds("steadfetch.call.duration", "Duration of calls, attempts and waits included.", CALL_SECONDS),
    waitDuration: seconds("steadfetch.wait.duration", "Waits before attempts, as known when they began.", CALL_SECONDS),
    retries: count("steadfetch.retries", "Retries that calls decided on.", "{retry}"),
    hedges: count("steadfetch.hedges", "Hedges sent beside slow attempts.", "{hedge}"),
    rejections: count("steadfetch.rejections", "Attempts that a policy did not let go out.", "{attempt}"),
    budget: meter.createGauge("steadfetch.retry.budget", {
      description: "Retries that the budget of an origin still pays for.",
      unit: "{retry}",
    }),
    breakerState: meter.createGauge("steadfetch.breaker.state", {
      description: "1 for the state that a breaker is in, 0 for the others.",
      unit: "1",
    }),
  }
}
