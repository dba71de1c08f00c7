import { Cancellation } from "../cancellation.ts"
import { failure, releaseAfter } from "../outcome.ts"
import type { Policy } from "../pipeline.ts"
import { duration, knownOptions } from "../validation.ts"

/** Options of {@link deadline}. */
export interface DeadlineOptions {
  /** Milliseconds from the start of the call until it must have ended; false for no limit. Default 60,000. */
  readonly afterMs?: number | false | undefined
}

/**
 * Ends a call at one instant, all its attempts and waits included. With `reading: "stream"` the call ends at the
 * headers; from there on the stall timeout and the caller's signal guard the body.
 * A call may set its own with `deadline`.
 */
export function deadline(options: DeadlineOptions = {}): Policy {
  knownOptions("deadline", options, ["afterMs"])
  const usualMs = duration("deadline", options.afterMs ?? 60_000)
  return {
    name: "deadline",
    scope: "call",
    bounds: options.afterMs === undefined ? undefined : { callMs: usualMs },
    wrap:
      (next, { clock }) =>
      async (exchange) => {
        const own = exchange.options.deadline
        const limitMs = own === undefined ? usualMs : duration("deadline", own)
        if (limitMs === Number.POSITIVE_INFINITY) return next(exchange)
        const cancellation = new Cancellation(exchange.signal)
        const disarm = clock.after(limitMs, () => {
          cancellation.cancel(
            failure("timeout", `the deadline of ${limitMs} ms came`, undefined, { limit: "deadline" }),
          )
        })
        const deadlineAt = clock.now() + limitMs
        const release = (): void => cancellation.release()
        try {
          return releaseAfter(await next({ ...exchange, signal: cancellation, deadlineAt }), release)
        } catch (defect) {
          release()
          throw defect
        } finally {
          disarm()
        }
      },
  }
}
