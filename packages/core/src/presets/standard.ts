import type { Contract } from "../contract.ts"
import { arrange, type Policy } from "../pipeline.ts"
import { deadline } from "../policies/deadline.ts"
import { idempotency, type IdempotencyOptions } from "../policies/idempotency.ts"
import { redirect } from "../policies/redirect.ts"
import { retry, type RetryOptions } from "../policies/retry.ts"
import { timeout, type TimeoutOptions } from "../policies/timeout.ts"
import { knownOptions } from "../validation.ts"

/** Options of the presets; each policy's own defaults hold where one is left out. */
export interface PresetOptions {
  /** What each status means. Default `documented`. */
  readonly contract?: Contract | undefined
  /** False sends every request once. */
  readonly retry?: Omit<RetryOptions, "contract"> | false | undefined
  /** Per attempt; false for no limits. */
  readonly timeout?: TimeoutOptions | false | undefined
  /** Milliseconds for a whole call; false for no limit. */
  readonly deadline?: number | false | undefined
  /** False sends no keys but those that calls set themselves. */
  readonly idempotencyKey?: IdempotencyOptions | false | undefined
  /** Further policies, each put where it belongs: `[breaker(), pace()]`. */
  readonly add?: readonly Policy[] | undefined
}

/** The names of {@link PresetOptions}. */
export const STANDARD_OPTIONS: readonly (keyof PresetOptions)[] = [
  "retry", "timeout", "deadline", "idempotencyKey", "contract", "add",
] // prettier-ignore

/** The recommended policies, outermost first. @throws ConfigurationError for options that it does not know. */
export function standard(options: PresetOptions = {}): Policy[] {
  knownOptions("standard", options, STANDARD_OPTIONS)
  const { contract, idempotencyKey, retry: retries, timeout: limits, add } = options
  const list = [
    deadline({ afterMs: options.deadline }),
    idempotency(idempotencyKey),
    retry({ contract, ...retryOptions(retries) }),
    timeout(limits === false ? { attemptMs: false, stallMs: false } : limits),
    redirect(),
  ]
  return add === undefined ? list : arrange(list, add)
}

/** What a preset's `retry` stands for. @throws ConfigurationError for what is neither options nor false. */
export function retryOptions(given: PresetOptions["retry"]): RetryOptions {
  if (given === false) return { attempts: 1 }
  knownOptions("retry", given ?? {}, ["attempts", "baseMs", "capMs", "maxWaitMs", "budget"])
  return given ?? {}
}
