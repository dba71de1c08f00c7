import { Cancellation } from "../cancellation.ts"
import type { Exchange } from "../exchange.ts"
import { releaseAfter, type Outcome } from "../outcome.ts"
import type { Handler, Policy } from "../pipeline.ts"
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
        return exchange.reading === "stream" ? untilHeaders(limited, next) : next(limited)
      },
  }
}

/** Sends a call whose body is a stream: from its headers on only the caller's signal ends it. */
async function untilHeaders(exchange: Exchange & { readonly signal: DeadlineSignal }, next: Handler): Promise<Outcome> {
  const { signal: deadline } = exchange
  const call = new Cancellation(deadline.outer)
  const expire = (): void => call.cancel(deadline.reason)
  deadline.addEventListener("abort", expire)
  const release = (): void => call.release()
  try {
    return releaseAfter(await next({ ...exchange, signal: call }), release)
  } catch (defect) {
    release()
    throw defect
  } finally {
    deadline.removeEventListener("abort", expire)
  }
}
