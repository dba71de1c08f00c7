import type { AttemptRecord, CallRecord, Clock, Listeners, Outcome } from "steadfetch"
import { formatDuration } from "./duration.ts"
import type { Output } from "./output.ts"
import { Progress } from "./progress/progress.ts"
import { attemptLine, numbered, saidLine, waitLine } from "./story.ts"

/** How the story stands among other lines. */
export interface Layout {
  readonly indent: string
  /** Whether a call begins with its method and URL. */
  readonly heading: boolean
}

/** Tells calls as they happen. */
export class Storyteller {
  readonly #output: Output
  readonly #layout: Layout
  readonly #clock: Clock
  readonly #startedAt: number
  /** What a terminal shows of what is under way. */
  #moving: Progress | undefined
  #ended: { readonly call: CallRecord; readonly outcome: Outcome } | undefined

  constructor(output: Output, clock: Clock, layout: Layout = { indent: "", heading: true }) {
    this.#output = output
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#layout = layout
  }

  /** For the client's `on`. */
  get listeners(): Listeners {
    return {
      "call-started": ({ call }) => {
        if (this.#layout.heading) this.#line(this.#output.paint("bold", `${call.method} ${call.url}`))
      },
      "attempt-started": ({ attempt }) => this.#underWay(attempt),
      "attempt-ended": ({ call, attempt, outcome }) => this.#attemptEnded(call, attempt, outcome),
      waiting: ({ waitMs, why }) => this.#waiting(waitMs, why),
    }
  }

  /** Milliseconds since the story began. */
  get elapsedMs(): number {
    return this.#clock.now() - this.#startedAt
  }

  /** Takes away what moves: nothing more will come. */
  end(): void {
    this.#moving?.end()
    this.#moving = undefined
  }

  #underWay(attempt: AttemptRecord): void {
    this.#move((elapsedMs) => {
      const seconds = Math.floor(elapsedMs / 1000)
      return `${numbered(attempt)}sent, no answer yet${seconds === 0 ? "" : `, ${formatDuration(seconds * 1000)}`}`
    })
  }

  /** A terminal shows what is under way, and that it is; elsewhere a line is written when it is known. */
  #move(text: (elapsedMs: number) => string): void {
    this.end()
    if (!this.#output.canRedraw) return
    const since = this.#clock.now()
    this.#moving = new Progress(this.#output, this.#clock, () =>
      this.#output.paint("dim", text(this.#clock.now() - since)),
    )
  }

  #attemptEnded(call: CallRecord, attempt: AttemptRecord, outcome: Outcome): void {
    this.#ended = { call, outcome }
    const line = attemptLine(call, attempt, this.#output.paint)
    this.end()
    this.#line(line)
  }

  #waiting(waitMs: number, why: string): void {
    const { paint } = this.#output
    const said = this.#ended === undefined ? undefined : saidLine(this.#ended.call, this.#ended.outcome, paint)
    if (said !== undefined) this.#line(said)
    this.#line(waitLine(waitMs, why, paint))
    if (waitMs < 1000) return
    this.#move((elapsedMs) => {
      const seconds = Math.max(0, Math.ceil((waitMs - elapsedMs) / 1000))
      return `     next attempt in ${formatDuration(seconds * 1000)}`
    })
  }

  #line(text: string): void {
    this.#output.line(this.#layout.indent + text)
  }
}
