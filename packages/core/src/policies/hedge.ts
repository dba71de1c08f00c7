import { Keyed } from "../algorithms/keyed.ts"
import { LatencyQuantile } from "../algorithms/latency-quantile.ts"
import { RetryBudget } from "../algorithms/retry-budget.ts"
import { ACCEPTED, contract, type Contract } from "../contract.ts"
import type { Exchange, Outgoing } from "../exchange.ts"
import { headerValue } from "../headers.ts"
import { failure } from "../outcome.ts"
import type { Policy } from "../pipeline.ts"
import { isReplaySafe } from "../replay-safety.ts"
import { requestKey, type KeyOf } from "../request-key.ts"
import { checked, checkFunction, knownOptions, refuse, shown } from "../validation.ts"
import { hedgedRound, type HedgePlan } from "./parts/hedged-round.ts"

/** Options of {@link hedge}. */
export interface HedgeOptions {
  /**
   * A hedge goes out when an attempt takes longer than this percentage of those to its key. 100 less it is the share of
   * requests that hedges add. Default 95.
   */
  readonly percentile?: number | undefined
  /** That delay is never below this many milliseconds. Default 1. */
  readonly floorMs?: number | undefined
  /** Answers to a key before its first hedge: until then its latency is not known. Default 50. */
  readonly minSamples?: number | undefined
  /** A fixed delay in milliseconds, in place of `percentile`, `floorMs` and `minSamples`. */
  readonly afterMs?: number | undefined
  /** The most hedges beside one attempt, each a delay after the one before. Default 1. */
  readonly hedges?: number | undefined
  /**
   * What hedges are paid from, one token each: a `retryBudget()` that `retry` has too, so that both together stay within
   * it; false for no budget. Default: one of its own, to which answers add 0.1 tokens each, and which holds 10.
   */
  readonly budget?: RetryBudget | false | undefined
  /** The table that says what is an answer: an outcome that it retries is none. Default `documented`. */
  readonly contract?: Contract | undefined
  /** Which of the requests that can be repeated safely are hedged. Default: all. */
  readonly when?: ((request: Outgoing) => boolean) | undefined
  /** Whose latencies belong together. Default: those of an origin. */
  readonly key?: KeyOf | undefined
}

const NAMES: readonly (keyof HedgeOptions)[] = [
  "percentile", "floorMs", "minSamples", "afterMs", "hedges", "budget", "contract", "when", "key",
] // prettier-ignore

/** Before the end of an attempt, no more is known of it than of one that was cut off. */
const UNKNOWN = failure("network", "no reply yet")

/**
 * Sends a second attempt beside one that takes unusually long, and takes whichever is answered first; the other one is
 * cancelled. It cuts the tail of latency at the price of a few per cent more requests, and helps where slowness is a
 * matter of chance: not where the server is slow because it is overloaded. Only requests that can be repeated safely are
 * hedged, and only within a budget. An attempt that fails, but for overload, brings its hedge forward; where the server
 * names a time there is none.
 *
 * Belongs directly inside `retry`; give both one budget, or use `lowLatency()`, which does.
 * @throws ConfigurationError for numbers out of range, and for `afterMs` beside what it replaces.
 */
export function hedge(options: HedgeOptions = {}): Policy {
  knownOptions("hedge", options, NAMES)
  const { hedges = 1, when } = options
  if (!Number.isInteger(checked("hedge.hedges", hedges, 1, 10)))
    refuse("hedge.hedges", shown(hedges), "a whole number from 1 to 10")
  checkFunction("hedge.when", when)
  const delay = delayOf(options)
  const keyOf = requestKey("hedge", options.key)
  const purse = purseOf(options.budget)
  const usualContract = contract(options.contract)
  return {
    name: "hedge",
    scope: "repeater",
    wrap: (next, runtime) => {
      const latencies = new Keyed(() => new LatencyQuantile(delay.quantile))
      const ownBudget = options.budget === undefined
      return (exchange) => {
        if (!isRepeatable(exchange) || when?.(exchange.request) === false) return next(exchange)
        // The headers of a stream come sooner than the whole of a body.
        const key = exchange.reading === "stream" ? `stream ${keyOf(exchange.request)}` : keyOf(exchange.request)
        const latency = delay.afterMs === undefined ? latencies.of(key) : undefined
        const isKnown = latency === undefined || latency.samples >= delay.minSamples
        const row = exchange.options.contract
        const plan: HedgePlan = {
          hedges: isKnown ? hedges : 0,
          delayMs: delay.afterMs ?? Math.max(delay.floorMs, latency?.valueMs ?? 0),
          contract: row === undefined ? usualContract : contract(row),
          budget: purse,
          deposits: ownBudget,
          latency,
        }
        return hedgedRound(exchange, next, runtime, plan)
      }
    },
  }
}

/** When hedges go out: after a fixed time, or after a quantile of what was seen. */
interface Delay {
  readonly afterMs: number | undefined
  readonly quantile: number
  readonly floorMs: number
  readonly minSamples: number
}

function delayOf(options: HedgeOptions): Delay {
  const { percentile = 95, floorMs = 1, minSamples = 50, afterMs } = options
  const doubled = (["percentile", "floorMs", "minSamples"] as const).find((name) => options[name] !== undefined)
  if (afterMs !== undefined && doubled !== undefined)
    refuse("hedge.afterMs", shown(afterMs), `it without ${doubled}: it is the delay itself`)
  const finite = Number.MAX_SAFE_INTEGER
  return {
    afterMs: afterMs === undefined ? undefined : checked("hedge.afterMs", afterMs, 0, finite),
    quantile: checked("hedge.percentile", percentile, 50, 99.9) / 100,
    floorMs: checked("hedge.floorMs", floorMs, 0, finite),
    minSamples: checked("hedge.minSamples", minSamples, 10, finite),
  }
}

function purseOf(given: RetryBudget | false | undefined): RetryBudget | undefined {
  if (given === undefined) return new RetryBudget(0.1, 10)
  if (given === false || given instanceof RetryBudget) return given || undefined
  return refuse("hedge.budget", shown(given), "one that retryBudget() made, or false")
}

/** Whether the request can be under way twice. */
function isRepeatable(exchange: Exchange): boolean {
  const { request, options } = exchange
  if (options.retry === false || options.retry?.attempts === 1) return false
  if (!isReplaySafe(exchange, UNKNOWN, ACCEPTED)) return false
  // The second of two conditional writes would find the first one's work, and fail.
  const { method, headers } = request
  const writes = !["GET", "HEAD", "OPTIONS", "TRACE", "QUERY"].includes(method)
  return !writes || !["if-match", "if-none-match", "if-unmodified-since"].some((name) => headerValue(headers, name))
}
