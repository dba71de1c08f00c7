import { Cancellation } from "../cancellation.ts"
import type { Exchange, TimeoutOverride, Watch } from "../exchange.ts"
import { failure, releaseAfter, type Outcome } from "../outcome.ts"
import type { Handler, Policy } from "../pipeline.ts"
import type { Clock } from "../runtime.ts"
import { duration, knownOptions } from "../validation.ts"
import { DeadlineSignal } from "./parts/deadline-signal.ts"

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
        return timed(exchange, next, new Stopwatch(clock, exchange, numbers))
      },
  }
}

async function timed(exchange: Exchange, next: Handler, watch: Stopwatch): Promise<Outcome> {
  try {
    return releaseAfter(await next({ ...exchange, signal: watch, watch }), watch.stop)
  } catch (defect) {
    watch.stop()
    throw defect
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

/**
 * Ends an attempt that takes too long. One timer for both limits: setting another limit only notes it, and the timer sets
 * itself anew when it fires too soon.
 */
class Stopwatch extends Cancellation implements Watch {
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #startedAt: number
  readonly #deadline: DeadlineSignal | undefined
  /** Who else keeps time, further out. */
  readonly #outer: Watch | undefined
  #limit: "attempt" | "stall" = "attempt"
  #dueAt: number
  #firesAt = Number.POSITIVE_INFINITY
  #disarm: (() => void) | undefined = undefined

  constructor(clock: Clock, { signal: parent, watch }: Exchange, limits: Limits) {
    const deadline = parent instanceof DeadlineSignal ? parent : undefined
    super(deadline === undefined ? parent : deadline.outer)
    this.#deadline = deadline
    this.#outer = watch
    this.#clock = clock
    this.#limits = limits
    this.#startedAt = clock.now()
    this.#dueAt = this.#startedAt + limits.attemptMs
    if (deadline !== undefined && this.#startedAt >= deadline.dueAt) this.cancel(deadline.expired())
    else this.#arm(this.#startedAt)
  }

  sending(): void {
    this.#expect("attempt", this.#startedAt + this.#limits.attemptMs)
    this.#outer?.sending()
  }

  waiting(): void {
    this.#expect("stall", this.#clock.now() + this.#limits.stallMs)
    this.#outer?.waiting()
  }

  arrived(): void {
    this.#dueAt = Number.POSITIVE_INFINITY
    this.#outer?.arrived()
  }

  readonly stop = (): void => {
    this.#disarm?.()
    this.release()
  }

  #expect(limit: "attempt" | "stall", dueAt: number): void {
    this.#limit = limit
    this.#dueAt = dueAt
    if (dueAt < this.#firesAt) this.#arm(this.#clock.now())
  }

  #arm(now: number): void {
    this.#disarm?.()
    this.#firesAt = Math.min(this.#dueAt, this.#deadline?.dueAt ?? this.#dueAt)
    const inMs = this.#firesAt - now
    this.#disarm = inMs < Number.POSITIVE_INFINITY ? this.#clock.after(inMs, this.#fire) : undefined
  }

  readonly #fire = (): void => {
    const now = this.#clock.now()
    if (this.#deadline !== undefined && now >= this.#deadline.dueAt) return this.cancel(this.#deadline.expired())
    if (now < this.#dueAt) return this.#arm(now)
    const { attemptMs, stallMs } = this.#limits
    const limit = this.#limit
    const message =
      limit === "attempt" ? `no reply within ${attemptMs} ms` : `the body stalled: no bytes for ${stallMs} ms`
    this.cancel(failure("timeout", message, undefined, { limit }))
  }
}
