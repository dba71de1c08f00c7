import { LATENCY } from "./hedging.ts"

/**
 * The lowest 99th percentile that one hedge can give for so much extra load, when the latencies are known beforehand.
 * @param stragglers Their share.
 * @param extraLoad The share of calls that are hedged.
 */
export function bestP99Ms(stragglers: number, extraLoad: number): number {
  const slowerThan = (ms: number): number =>
    (1 - stragglers) * lognormalTail(ms) + stragglers * lognormalTail(ms / LATENCY.slower)
  const hedgeAt = fallsTo(slowerThan, extraLoad)
  return fallsTo((ms) => slowerThan(ms) * slowerThan(Math.max(0, ms - hedgeAt)), 0.01)
}

/** Where a falling function reaches a value, by halving. */
function fallsTo(tail: (ms: number) => number, share: number): number {
  let [low, high] = [0, 1000]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (tail(middle) > share) low = middle
    else high = middle
  }
  return high
}

function lognormalTail(ms: number): number {
  if (ms <= 0) return 1
  const variance = Math.log(1 + (LATENCY.deviationMs / LATENCY.meanMs) ** 2)
  const mu = Math.log(LATENCY.meanMs) - variance / 2
  return 1 - normalShare((Math.log(ms) - mu) / Math.sqrt(variance))
}

/** The share of a standard normal distribution below z, by the trapezoidal rule over its density. */
function normalShare(z: number): number {
  const steps = 2000
  const from = -8
  const width = (Math.min(z, 8) - from) / steps
  let sum = 0
  for (let step = 0; step <= steps; step++) {
    const at = from + step * width
    sum += Math.exp((-at * at) / 2) * (step === 0 || step === steps ? 0.5 : 1)
  }
  return (sum * width) / Math.sqrt(2 * Math.PI)
}
