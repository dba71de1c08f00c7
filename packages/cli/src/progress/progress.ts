import type { Clock } from "steadfetch"
import type { Output } from "../output.ts"

/** A line that is drawn anew, and lines that are written one below the other. */
const REDRAWN_EVERY_MS = 200
const WRITTEN_EVERY_MS = 10_000

/** Shows how far something has come: in one line that moves where a terminal can, else in a line from time to time. */
export class Progress {
  readonly #output: Output
  readonly #clock: Clock
  readonly #text: (columns: number) => string
  #callOff: () => void

  /**
   * @param text What is to be seen now, in at most so many columns.
   * @param fromMs How long nothing is shown: for what commonly ends before.
   */
  constructor(output: Output, clock: Clock, text: (columns: number) => string, fromMs = 0) {
    this.#output = output
    this.#clock = clock
    this.#text = text
    this.#callOff = fromMs === 0 ? this.#begin() : clock.after(fromMs, () => (this.#callOff = this.#begin()))
  }

  /** Draws it now, where something else than time has changed. */
  draw(): void {
    if (this.#output.canRedraw) this.#output.live(this.#text(this.#output.columns))
  }

  /** Takes the line away, and stops. */
  end(): void {
    this.#callOff()
    this.#output.live("")
  }

  #begin(): () => void {
    this.draw()
    return this.#later()
  }

  #later(): () => void {
    return this.#clock.after(this.#output.canRedraw ? REDRAWN_EVERY_MS : WRITTEN_EVERY_MS, () => {
      if (this.#output.canRedraw) this.draw()
      else this.#output.line(this.#text(Number.POSITIVE_INFINITY))
      this.#callOff = this.#later()
    })
  }
}
