import { untilSettled } from "../cancellation.ts"
import { releaseAfter } from "../outcome.ts"
import type { Policy } from "../pipeline.ts"
import { duration, knownOptions } from "../validation.ts"
import { DeadlineSignal } from "./parts/deadline-signal.ts"

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
    bounds: { callMs: usualMs },
    wrap:
      (next, { clock }) =>
      (exchange) => {
        const own = exchange.options.deadline
        const limitMs = own === undefined ? usualMs : duration("deadline", own)
        if (limitMs === Number.POSITIVE_INFINITY) return next(exchange)
        const signal = new DeadlineSignal(exchange.signal, clock, limitMs)
        const limited = { ...exchange, signal, deadlineAt: signal.dueAt }
        if (exchange.reading === "buffer") return next(limited)
        // From the headers of a stream on only the caller's signal ends it.
        return untilSettled(signal.outer, signal, (signal) => next({ ...limited, signal }), releaseAfter)
      },
  }
}
