import { Cancellation } from "../cancellation.ts"
import type { TimeoutOverride, Watch } from "../exchange.ts"
import { failure, releaseAfter } from "../outcome.ts"
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
      async (exchange) => {
        const own = exchange.options.timeout
        const { attemptMs, stallMs } = own === undefined ? usual : limits(own, usual)
        if (attemptMs === Number.POSITIVE_INFINITY && stallMs === Number.POSITIVE_INFINITY) return next(exchange)
        const cancellation = new Cancellation(exchange.signal)
        const stopwatch = new Stopwatch(clock, cancellation, attemptMs, stallMs)
        const release = (): void => {
          stopwatch.stop()
          cancellation.release()
        }
        try {
          return releaseAfter(await next({ ...exchange, signal: cancellation, watch: stopwatch }), release)
        } catch (defect) {
          release()
          throw defect
        }
      },
  }
}

interface Limits {
  readonly attemptMs: number
  readonly stallMs: number
}

function limits(given: TimeoutOptions | false, usual: Limits): Limits {
  const {
    attemptMs = usual.attemptMs,
    stallMs = usual.stallMs,
    ...rest
  } = given || { attemptMs: false, stallMs: false }
  knownOptions("timeout", rest, [])
  return { attemptMs: duration("timeout.attemptMs", attemptMs), stallMs: duration("timeout.stallMs", stallMs) }
}

/** One timer for both limits of an attempt. A chunk only notes its time; the timer sets itself anew when it fires too soon. */
class Stopwatch implements Watch {
  readonly #clock: Clock
  readonly #cancellation: Cancellation
  readonly #stallMs: number
  #disarm: (() => void) | undefined
  #waitingSince: number | undefined
  #ticking = false

  constructor(clock: Clock, cancellation: Cancellation, attemptMs: number, stallMs: number) {
    this.#clock = clock
    this.#cancellation = cancellation
    this.#stallMs = stallMs
    if (attemptMs !== Number.POSITIVE_INFINITY) {
      this.#disarm = clock.after(attemptMs, () => {
        cancellation.cancel(failure("timeout", `no reply within ${attemptMs} ms`, undefined, { limit: "attempt" }))
      })
    }
  }

  headers(): void {
    this.stop()
  }

  waiting(): void {
    if (this.#stallMs === Number.POSITIVE_INFINITY) return
    this.#waitingSince = this.#clock.now()
    if (!this.#ticking) this.#tick(this.#stallMs)
  }

  arrived(): void {
    this.#waitingSince = undefined
  }

  stop(): void {
    this.#disarm?.()
    this.#disarm = undefined
    this.#ticking = false
  }

  #tick(delayMs: number): void {
    this.#ticking = true
    this.#disarm = this.#clock.after(delayMs, () => {
      this.#ticking = false
      if (this.#waitingSince === undefined) return
      const leftMs = this.#waitingSince + this.#stallMs - this.#clock.now()
      if (leftMs > 0) return this.#tick(leftMs)
      const message = `the body stalled: nothing arrived for ${this.#stallMs} ms`
      this.#cancellation.cancel(failure("timeout", message, undefined, { limit: "stall" }))
    })
  }
}
