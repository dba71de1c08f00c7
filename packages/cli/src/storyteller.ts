import type { AttemptRecord, CallRecord, Listeners, Outcome } from "steadfetch"
import type { Output } from "./output.ts"
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
  #ended: { readonly call: CallRecord; readonly outcome: Outcome } | undefined
  readonly #startedAt = performance.now()

  constructor(output: Output, layout: Layout = { indent: "", heading: true }) {
    this.#output = output
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
    return performance.now() - this.#startedAt
  }

  /** A terminal shows at once that something is sent; elsewhere a line is written when it is known. */
  #underWay(attempt: AttemptRecord): void {
    this.#output.live(this.#output.paint("dim", `${numbered(attempt)}sent, no answer yet`))
  }

  #attemptEnded(call: CallRecord, attempt: AttemptRecord, outcome: Outcome): void {
    this.#ended = { call, outcome }
    const line = attemptLine(call, attempt, this.#output.paint)
    this.#output.live("")
    this.#line(line)
  }

  #waiting(waitMs: number, why: string): void {
    const { paint } = this.#output
    const said = this.#ended === undefined ? undefined : saidLine(this.#ended.call, this.#ended.outcome, paint)
    if (said !== undefined) this.#line(said)
    this.#line(waitLine(waitMs, why, paint))
  }

  #line(text: string): void {
    this.#output.line(this.#layout.indent + text)
  }
}
