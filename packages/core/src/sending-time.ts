import type { Watch } from "./exchange.ts"
import type { Clock } from "./runtime.ts"

/** Notes when an attempt goes out: what a gate inside holds back is not the server's time. */
export class SendingTime implements Watch {
  readonly #clock: Clock
  readonly #outer: Watch | undefined
  #at: number | undefined

  constructor(clock: Clock, outer: Watch | undefined) {
    this.#clock = clock
    this.#outer = outer
  }

  /** The instant of `Clock.now()` at which its first request went out; undefined before. */
  get at(): number | undefined {
    return this.#at
  }

  sending(): void {
    this.#at ??= this.#clock.now()
    this.#outer?.sending()
  }

  waiting(): void {
    this.#outer?.waiting()
  }

  arrived(): void {
    this.#outer?.arrived()
  }
}
