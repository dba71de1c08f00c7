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
        const watch = new Stopwatch(clock, cancellation, numbers)
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
class Stopwatch implements Watch {
  readonly #clock: Clock
  readonly #cancellation: Cancellation
  readonly #limits: Limits
  readonly #startedAt: number
  #limit: "attempt" | "stall" = "attempt"
  #dueAt = Number.POSITIVE_INFINITY
  #firesAt = Number.POSITIVE_INFINITY
  #disarm: (() => void) | undefined = undefined

  constructor(clock: Clock, cancellation: Cancellation, limits: Limits) {
    this.#clock = clock
    this.#cancellation = cancellation
    this.#limits = limits
    this.#startedAt = clock.now()
    this.#dueAt = this.#startedAt + limits.attemptMs
    this.#arm(limits.attemptMs)
  }

  sending(): void {
    this.#expect("attempt", this.#startedAt + this.#limits.attemptMs)
  }

  waiting(): void {
    this.#expect("stall", this.#clock.now() + this.#limits.stallMs)
  }

  arrived(): void {
    this.#dueAt = Number.POSITIVE_INFINITY
  }

  stop(): void {
    this.#disarm?.()
  }

  #expect(limit: "attempt" | "stall", dueAt: number): void {
    this.#limit = limit
    this.#dueAt = dueAt
    if (dueAt < this.#firesAt) this.#arm(dueAt - this.#clock.now())
  }

  #arm(inMs: number): void {
    this.#disarm?.()
    this.#firesAt = this.#dueAt
    this.#disarm = inMs < Number.POSITIVE_INFINITY ? this.#clock.after(inMs, () => this.#fire()) : undefined
  }

  #fire(): void {
    const leftMs = this.#dueAt - this.#clock.now()
    if (leftMs > 0) return this.#arm(leftMs)
    const { attemptMs, stallMs } = this.#limits
    const limit = this.#limit
    const message =
      limit === "attempt" ? `no reply within ${attemptMs} ms` : `the body stalled: no bytes for ${stallMs} ms`
    this.#cancellation.cancel(failure("timeout", message, undefined, { limit }))
  }
}
