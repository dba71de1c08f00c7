import type { Call, CallOutcome } from "steadfetch"
import { formatDuration } from "../duration.ts"
import type { Output } from "../output.ts"
import { stopEnding, stopHeading } from "./show.ts"

/** What the guide needs to know of one call. */
export interface Visit {
  readonly title: string
  readonly source: string
  readonly asked: string | undefined
  readonly call: () => Call
  /** Where it did not end as it should have. */
  readonly check: (outcome: CallOutcome) => Promise<string[]>
  readonly lesson: string
}

/** Makes the calls one after the other, shows each, and counts those that did not end as the contract says. */
export class Guide {
  readonly #output: Output
  readonly #startedAt = performance.now()
  #calls = 0
  #wrong = 0

  constructor(output: Output) {
    this.#output = output
  }

  /** Makes one call and shows it. */
  async show(visit: Visit): Promise<CallOutcome> {
    const { paint } = this.#output
    this.#calls += 1
    for (const line of stopHeading(this.#calls, visit.title, visit.source, visit.asked, paint)) this.#output.line(line)
    const startedAt = performance.now()
    const outcome = await visit.call().outcome()
    const elapsedMs = performance.now() - startedAt
    const wrong = await visit.check(outcome)
    if (wrong.length > 0) this.#wrong += 1
    for (const line of stopEnding(outcome, elapsedMs, wrong, visit.lesson, paint)) this.#output.line(line)
    return outcome
  }

  /** Says how it went. True when every call ended as the contract says. */
  sumUp(): boolean {
    const { paint } = this.#output
    const right = this.#calls - this.#wrong
    const text = `${right} of ${this.#calls} calls ended as the contract says, in ${formatDuration(performance.now() - this.#startedAt)}.`
    this.#output.line("")
    this.#output.line(paint(this.#wrong === 0 ? "green" : "red", text))
    return this.#wrong === 0
  }
}
