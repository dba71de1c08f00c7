import { arrange, type Policy } from "../pipeline.ts"
import { concurrency, type AdaptiveConcurrency } from "../policies/concurrency.ts"
import { pace, type PaceOptions } from "../policies/pace.ts"
import { throttle, type ThrottleOptions } from "../policies/throttle.ts"
import { knownOptions } from "../validation.ts"
import { standard, STANDARD_OPTIONS, type PresetOptions } from "./standard.ts"

/** Options of {@link gentle}. */
export interface GentleOptions extends PresetOptions {
  /** See ThrottleOptions. */
  readonly throttle?: ThrottleOptions | undefined
  /** Between which numbers the limit on attempts under way moves. */
  readonly concurrency?: AdaptiveConcurrency | undefined
  /** See PaceOptions. */
  readonly pace?: PaceOptions | undefined
}

/**
 * The standard policies with all that spares a server under load: a Retry-After holds back every call to its origin, not
 * just the one that got it; attempts under way are limited to what the server bears; and while it turns most attempts
 * away, many are not sent at all. For clients that send much to one server, such as batch work and crawlers, where a call
 * may wait. Not where every call is to be tried at once.
 * @throws ConfigurationError for options that it does not know, and for numbers out of range.
 */
export function gentle(options: GentleOptions = {}): Policy[] {
  knownOptions("gentle", options, [...STANDARD_OPTIONS, "throttle", "concurrency", "pace"])
  const { throttle: throttling, concurrency: bounds, pace: pacing, ...usual } = options
  const gates = [
    // Before the others, so that what is not to be sent waits for nothing.
    throttle(throttling),
    concurrency({ adaptive: bounds === undefined ? true : bounds }),
    // Innermost: nothing goes out during a pause, and those who wait for its end hold the permits.
    pace(pacing),
  ]
  // A breaker that was added stands before them: what it rejects waits for nothing, either.
  return arrange(standard(usual), gates)
}
