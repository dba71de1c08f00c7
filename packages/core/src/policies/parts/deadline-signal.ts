import type { Signal } from "../../cancellation.ts"
import { failure, type Failure } from "../../outcome.ts"
import type { Clock } from "../../runtime.ts"

/**
 * The caller's signal and a deadline in one. It has a timer, and follows the caller's signal, only while someone listens:
 * an attempt that keeps time by itself looks at `dueAt` and `outer` instead, so that most calls need no second timer.
 */
export class DeadlineSignal implements Signal {
  /** The caller's signal. */
  readonly outer: Signal | undefined
  /** The instant of `Clock.now()` at which it fires. */
  readonly dueAt: number
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #listeners: (() => void)[] = []
  #expired: Failure | undefined
  #stop: (() => void) | undefined

  /** @param limitMs Milliseconds from now. */
  constructor(outer: Signal | undefined, clock: Clock, limitMs: number) {
    this.outer = outer
    this.#clock = clock
    this.#limitMs = limitMs
    this.dueAt = clock.now() + limitMs
  }

  get aborted(): boolean {
    return this.outer?.aborted === true || this.#expired !== undefined || this.#clock.now() >= this.dueAt
  }

  get reason(): unknown {
    if (this.outer?.aborted === true && this.#expired === undefined) return this.outer.reason
    return this.aborted ? this.expired() : undefined
  }

  /** The failure that the deadline stands for. */
  expired(): Failure {
    this.#expired ??= failure("timeout", `the deadline of ${this.#limitMs} ms came`, undefined, { limit: "deadline" })
    return this.#expired
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener)
    if (this.#listeners.length === 1) this.#start()
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const index = this.#listeners.indexOf(listener)
    if (index < 0) return
    this.#listeners.splice(index, 1)
    if (this.#listeners.length === 0) this.#stop?.()
  }

  #start(): void {
    const fire = (): void => {
      this.#stop?.()
      for (const listener of this.#listeners.splice(0)) listener()
    }
    const disarm = this.#clock.after(this.dueAt - this.#clock.now(), () => {
      this.expired()
      fire()
    })
    this.outer?.addEventListener("abort", fire)
    this.#stop = () => {
      disarm()
      this.outer?.removeEventListener("abort", fire)
    }
  }
}
