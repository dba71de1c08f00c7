import type { Clock, Listeners } from "steadfetch"
import { formatDuration } from "../duration.ts"
import type { Output } from "../output.ts"
import { oneLine } from "../paint.ts"
import { Progress } from "../progress/progress.ts"

/** The steps of a command, of which the present one is seen, with how long it has taken. */
export class Steps {
  readonly #progress: Progress | undefined
  readonly #clock: Clock
  #step = ""
  /** What the step waits for. */
  #waiting = ""
  #since: number

  constructor(output: Output, clock: Clock, quiet: boolean) {
    this.#clock = clock
    this.#since = clock.now()
    this.#progress = quiet ? undefined : new Progress(output, clock, () => output.paint("dim", this.#text))
  }

  /** For the client's `on`. */
  get listeners(): Listeners {
    return {
      "attempt-started": () => this.#wait(""),
      waiting: ({ attempt, waitMs }) =>
        this.#wait(`, ${attempt.status ?? attempt.failure}: waits ${formatDuration(waitMs)}`),
    }
  }

  begin(step: string): void {
    this.#step = oneLine(step)
    this.#since = this.#clock.now()
    this.#progress?.draw()
  }

  end(): void {
    this.#progress?.end()
  }

  #wait(what: string): void {
    this.#waiting = what
    this.#progress?.draw()
  }

  get #text(): string {
    const seconds = Math.floor((this.#clock.now() - this.#since) / 1000)
    return this.#step + this.#waiting + (seconds === 0 ? "" : `, ${formatDuration(seconds * 1000)}`)
  }
}
