import { Cancellation, type Signal } from "../../../cancellation.ts"
import { failure } from "../../../outcome.ts"
import type { Clock } from "../../../runtime.ts"

/** Fires with its parent, and when the connection has taken nothing for too long while it was waited for. */
export class StallSignal extends Cancellation {
  readonly #clock: Clock
  readonly #limitMs: number
  #callOff: (() => void) | undefined
  #isOver = false

  /** @param limitMs Infinity for no limit. */
  constructor(parent: Signal | undefined, clock: Clock, limitMs: number) {
    super(parent)
    this.#clock = clock
    this.#limitMs = limitMs
  }

  /** Whether what was guarded is over, which a body may not know yet. */
  get isOver(): boolean {
    return this.#isOver || this.aborted
  }

  /** From now on it is the connection's turn. */
  waiting(): void {
    this.moved()
    if (this.isOver || this.#limitMs === Number.POSITIVE_INFINITY) return
    const message = `the upload stalled: nothing was taken for ${this.#limitMs} ms`
    const fire = (): void => this.cancel(failure("timeout", message, undefined, { limit: "stall" }))
    this.#callOff = this.#clock.after(this.#limitMs, fire)
  }

  /** It is the connection's turn no more. */
  moved(): void {
    this.#callOff?.()
    this.#callOff = undefined
  }

  stop(): void {
    this.#isOver = true
    this.moved()
    this.release()
  }
}
