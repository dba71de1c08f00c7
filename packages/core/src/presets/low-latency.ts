import { RetryBudget } from "../algorithms/retry-budget.ts"
import { arrange, type Policy } from "../pipeline.ts"
import { hedge, type HedgeOptions } from "../policies/hedge.ts"
import { retryBudget } from "../policies/retry.ts"
import { knownOptions } from "../validation.ts"
import { retryOptions, standard, STANDARD_OPTIONS, type PresetOptions } from "./standard.ts"

/** Options of {@link lowLatency}. */
export interface LowLatencyOptions extends PresetOptions {
  /** See HedgeOptions. Budget and contract are those of the retries. */
  readonly hedge?: Omit<HedgeOptions, "budget" | "contract"> | undefined
}

/**
 * The standard policies with hedging: a second attempt beside one that takes unusually long. Retries and hedges are paid
 * from one budget. For many small, repeatable requests whose slowness is a matter of chance. With `retry: false`, or a
 * single attempt, every request is sent once, and so not hedged either.
 * @throws ConfigurationError for options that it does not know, and for numbers out of range.
 */
export function lowLatency(options: LowLatencyOptions = {}): Policy[] {
  knownOptions("lowLatency", options, [...STANDARD_OPTIONS, "hedge"])
  const { hedge: hedging = {}, ...usual } = options
  knownOptions("hedge", hedging, ["percentile", "floorMs", "minSamples", "afterMs", "hedges", "when", "key"])
  const retries = retryOptions(options.retry)
  const budget =
    retries.budget === false || retries.budget instanceof RetryBudget ? retries.budget : retryBudget(retries.budget)
  const list = standard({ ...usual, retry: { ...retries, budget } })
  const hedges = hedge({ ...hedging, budget, contract: options.contract })
  return retries.attempts === 1 ? list : arrange(list, [hedges])
}
