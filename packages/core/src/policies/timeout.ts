import { Cancellation } from "../cancellation.ts"
import type { TimeoutOverride, Watch } from "../exchange.ts"
import { failure, releaseWhenOver, type Outcome } from "../outcome.ts"
import type { Policy } from "../pipeline.ts"
import type { Clock } from "../runtime.ts"
import { duration, knownOptions } from "../validation.ts"

/** Options of {@link timeout}. */
export type TimeoutOptions = TimeoutOverride

const DEFAULT_MS = 20_000

/**
 * Limits each attempt by itself: the time until its headers have arrived (`attemptMs`), and the time without a byte while
 * its body is read (`stallMs`). The limits start anew with every attempt, and an attempt that timed out counts as one
 * without reply. A call may set its own with `timeout`.
 */
export function timeout(options: TimeoutOptions = {}): Policy {
  const usual = limits(options, { attemptMs: DEFAULT_MS, stallMs: DEFAULT_MS })
  return {
    name: "timeout",
    scope: "attempt",
    bounds: options.attemptMs ? { attemptMs: options.attemptMs } : undefined,
    wrap:
      (next, { clock }) =>
      (exchange) => {
        const own = exchange.options.timeout
        const numbers = own === undefined ? usual : limits(own, usual)
        if (Math.min(numbers.attemptMs, numbers.stallMs) === Number.POSITIVE_INFINITY) return next(exchange)
        const cancellation = new Cancellation(exchange.signal)
        const watch = stopwatch(clock, cancellation, numbers)
        const work = (): Promise<Outcome> => next({ ...exchange, signal: cancellation, watch })
        return releaseWhenOver(work, () => {
          watch.stop()
          cancellation.release()
        })
      },
  }
}

interface Limits {
  readonly attemptMs: number
  readonly stallMs: number
}

function limits(given: TimeoutOptions | false, usual: Limits): Limits {
  const own = given === false ? { attemptMs: false as const, stallMs: false as const } : given
  knownOptions("timeout", own, ["attemptMs", "stallMs"])
  const { attemptMs = usual.attemptMs, stallMs = usual.stallMs } = own
  return { attemptMs: duration("timeout.attemptMs", attemptMs), stallMs: duration("timeout.stallMs", stallMs) }
}

/** One timer for both limits: setting another limit only notes it, and the timer sets itself anew when it fires too soon. */
function stopwatch(clock: Clock, cancellation: Cancellation, { attemptMs, stallMs }: Limits): Watch & { stop(): void } {
  const startedAt = clock.now()
  let limit: "attempt" | "stall"
  let dueAt = Number.POSITIVE_INFINITY
  let firesAt = dueAt
  let stop = (): void => {}
  const arm = (inMs: number): void => {
    stop()
    firesAt = dueAt
    if (dueAt < Number.POSITIVE_INFINITY) stop = clock.after(inMs, fire)
  }
  const fire = (): void => {
    const leftMs = dueAt - clock.now()
    if (leftMs > 0) return arm(leftMs)
    const message =
      limit === "attempt" ? `no reply within ${attemptMs} ms` : `the body stalled: no bytes for ${stallMs} ms`
    cancellation.cancel(failure("timeout", message, undefined, { limit }))
  }
  const expect = (what: "attempt" | "stall", byWhen: number, inMs = byWhen - clock.now()): void => {
    limit = what
    dueAt = byWhen
    if (dueAt < firesAt) arm(inMs)
  }
  const sending = (): void => expect("attempt", startedAt + attemptMs)
  expect("attempt", startedAt + attemptMs, attemptMs)
  return {
    sending,
    waiting: () => expect("stall", clock.now() + stallMs),
    arrived: () => {
      dueAt = Number.POSITIVE_INFINITY
    },
    stop: () => stop(),
  }
}
