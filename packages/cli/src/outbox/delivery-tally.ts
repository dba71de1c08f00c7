import type { Clock } from "steadfetch"
import type { EntryState } from "@steadfetch/outbox"
import { formatDuration } from "../duration.ts"
import type { Paint, Style } from "../paint.ts"
import { barLine } from "../progress/bar.ts"

/** What is counted, in what words and colours, in this order. */
const KINDS = [
  ["delivered", "green"],
  ["rejected", "red"],
  ["expired", "yellow"],
  ["retrying", "cyan"],
] as const satisfies readonly (readonly [kind: string, style: Style])[]

type Kind = (typeof KINDS)[number][0]

/** What a process has delivered, and what waits. */
export class DeliveryTally {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #counts: Record<Kind, number> = { delivered: 0, rejected: 0, expired: 0, retrying: 0 }
  #states: Readonly<Record<EntryState, number>> | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  count(kind: Kind): void {
    this.#counts[kind] += 1
  }

  /** How many entries there are in the store. */
  noteStates(states: Readonly<Record<EntryState, number>>): void {
    this.#states = states
  }

  /** The line that moves. */
  line(columns: number, paint: Paint): string {
    const states = this.#states
    const seconds = Math.floor((this.#clock.now() - this.#startedAt) / 1000)
    const parts = [
      [0, states && `${states.waiting} waiting`],
      [1, states && states.sending > 0 ? `${states.sending} being sent` : undefined],
      ...this.#counted(paint).map((text) => [2, text] as const),
      [3, seconds === 0 ? undefined : formatDuration(seconds * 1000)],
    ] as const
    return barLine(undefined, parts, columns, paint)
  }

  /** "in 5 min: 12 delivered, 1 rejected". */
  summary(paint: Paint): string {
    const counted = this.#counted(paint)
    const took = formatDuration(this.#clock.now() - this.#startedAt)
    return `in ${took}: ${counted.length === 0 ? "nothing was due" : counted.join(", ")}`
  }

  #counted(paint: Paint): string[] {
    return KINDS.flatMap(([kind, style]) =>
      this.#counts[kind] === 0 ? [] : [paint(style, `${this.#counts[kind]} ${kind === "retrying" ? "put off" : kind}`)],
    )
  }
}
