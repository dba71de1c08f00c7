import type { BatchCounts, Clock, Listeners } from "steadfetch"
import { formatDuration } from "../duration.ts"
import type { Paint, Style } from "../paint.ts"
import { barLine, counted, percent, shareOf, timeLeft } from "../progress/bar.ts"
import { Speed, timeLeftMs } from "../progress/speed.ts"

type Kind = keyof BatchCounts

/** What is counted, in what words and colours, in this order. */
const KINDS: readonly (readonly [kind: Kind, style: Style])[] = [
  ["success", "green"],
  ["client-error", "yellow"],
  ["server-error", "red"],
  ["no-reply", "red"],
  ["thrown", "red"],
  ["not-sent", "dim"],
]

/** How far a batch has come, by how its calls ended. */
export class Tally {
  readonly #clock: Clock
  readonly #total: number
  readonly #startedAt: number
  readonly #speed = new Speed()
  readonly #counts = new Map<Kind, number>()
  #done = 0
  #retries = 0

  constructor(clock: Clock, total: number) {
    this.#clock = clock
    this.#total = total
    this.#startedAt = clock.now()
    this.#speed.note(this.#startedAt, 0)
  }

  count(kind: Kind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
    this.#speed.note(this.#clock.now(), ++this.#done)
  }

  /** For the client's `on`. */
  get listeners(): Listeners {
    return { waiting: () => void this.#retries++ }
  }

  /** Whether each call succeeded. */
  get isSuccess(): boolean {
    return (this.#counts.get("success") ?? 0) === this.#total
  }

  /** The line that moves. */
  line(columns: number, paint: Paint): string {
    const perSecond = this.#speed.perSecond(this.#clock.now())
    const share = shareOf(this.#done, this.#total) ?? 0
    const parts = [
      [0, percent(share)],
      [1, `${this.#done} of ${this.#total}`],
      ...KINDS.map(([kind, style]) => [2, this.#counted(kind, style, paint)] as const),
      [5, counted(this.#retries, "retry", "retries")],
      [
        4,
        perSecond === undefined || perSecond === 0
          ? undefined
          : `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`,
      ],
      [3, timeLeft(timeLeftMs(this.#done, this.#total, perSecond))],
    ] as const
    return barLine(share, parts, columns, paint)
  }

  /** "3 calls in 2 s: 2 success, 1 client-error". */
  summary(paint: Paint): string {
    const counts = [
      ...KINDS.map(([kind, style]) => this.#counted(kind, style, paint)),
      counted(this.#retries, "retry", "retries"),
    ].filter((text) => text !== undefined)
    const calls = this.#total === 1 ? "1 call" : `${this.#total} calls`
    return `${calls} in ${formatDuration(this.#clock.now() - this.#startedAt)}: ${counts.join(", ")}`
  }

  #counted(kind: Kind, style: Style, paint: Paint): string | undefined {
    const count = this.#counts.get(kind)
    return count === undefined ? undefined : paint(style, `${count} ${kind}`)
  }
}
