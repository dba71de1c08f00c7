import type { Watch } from "../../exchange.ts"
import type { Clock } from "../../runtime.ts"

/** Notes when an attempt goes out: what a gate inside holds back is not the server's time. */
export class SendingTime implements Watch {
  readonly #clock: Clock
  readonly #outer: Watch | undefined
  readonly #first: (() => void) | undefined
  #at: number | undefined

  /** @param first Called when its first request goes out. */
  constructor(clock: Clock, outer: Watch | undefined, first?: () => void) {
    this.#clock = clock
    this.#outer = outer
    this.#first = first
  }

  /** The instant of `Clock.now()` at which its first request went out; undefined before. */
  get at(): number | undefined {
    return this.#at
  }

  sending(): void {
    if (this.#at === undefined) {
      this.#at = this.#clock.now()
      this.#first?.()
    }
    this.#outer?.sending()
  }

  waiting(): void {
    this.#outer?.waiting()
  }

  arrived(): void {
    this.#outer?.arrived()
  }
}
