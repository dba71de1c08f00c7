import type { Clock, Listeners, TransferProgress } from "steadfetch"
import { formatDuration } from "../duration.ts"
import { oneLine, type Paint } from "../paint.ts"
import { barLine, counted, formatBytes, percent, shareOf, timeLeft } from "./bar.ts"
import { Speed, timeLeftMs } from "./speed.ts"

/** How far a transfer has come; of an upload, how much was handed to the connection as well. */
export type Progressed = TransferProgress & { readonly sentBytes?: number }

/** A download or an upload as it is shown. */
export class Transfer {
  readonly #clock: Clock
  readonly #isResumption: (method: string) => boolean
  readonly #startedAt: number
  readonly #speed = new Speed()
  #bytes = 0
  #totalBytes: number | undefined
  /** Those of the first report were there before. */
  #firstBytes: number | undefined
  #resumes = 0
  #retries = 0
  /** What is waited for. */
  #waiting: string | undefined
  /** Whether all has left, and the server has not said yet that it has it. */
  #isUnconfirmed = false

  /** @param isResumption Whether a request, after the first one, goes on with the transfer. */
  constructor(clock: Clock, isResumption: (method: string) => boolean) {
    this.#clock = clock
    this.#isResumption = isResumption
    this.#startedAt = clock.now()
  }

  /** For the client's `on`. */
  get listeners(): Listeners {
    let requests = 0
    return {
      "call-started": ({ call }) => {
        if (requests++ > 0 && this.#isResumption(call.method)) this.#resumes++
      },
      "attempt-started": () => {
        this.#waiting = undefined
      },
      waiting: ({ attempt, waitMs, why }) => {
        this.#retries++
        this.#waiting = oneLine(`${attempt.status ?? attempt.failure}: waits ${formatDuration(waitMs)} (${why})`)
      },
    }
  }

  /** It has come so far; of what was sent, some may still be under way. */
  note({ transferredBytes, totalBytes, sentBytes = transferredBytes }: Progressed): void {
    const bytes = sentBytes
    this.#isUnconfirmed = sentBytes === totalBytes && transferredBytes < sentBytes
    this.#firstBytes ??= bytes
    this.#bytes = bytes
    this.#totalBytes = totalBytes
    this.#speed.note(this.#clock.now(), bytes)
  }

  get elapsed(): string {
    return formatDuration(this.#clock.now() - this.#startedAt)
  }

  /** "1.2 MB of 5.0 MB"; undefined before anything came. */
  get #reached(): string | undefined {
    if (this.#firstBytes === undefined) return undefined
    return formatBytes(this.#bytes) + (this.#totalBytes === undefined ? "" : ` of ${formatBytes(this.#totalBytes)}`)
  }

  /** The line that moves. */
  line(columns: number, paint: Paint): string {
    const total = this.#totalBytes
    const hasBegun = this.#firstBytes !== undefined
    const waiting = this.#waiting ?? (hasBegun && !this.#isUnconfirmed ? undefined : "waits for the server")
    const perSecond = waiting === undefined ? this.#speed.perSecond(this.#clock.now()) : undefined
    const share = hasBegun ? shareOf(this.#bytes, total) : undefined
    const parts = [
      [0, share === undefined ? undefined : percent(share)],
      [1, this.#reached],
      [3, perSecond === undefined ? undefined : `${formatBytes(perSecond)}/s`],
      [2, timeLeft(timeLeftMs(this.#bytes, total, perSecond))],
      [5, counted(this.#resumes, "resume", "resumes")],
      [4, counted(this.#retries, "retry", "retries")],
      [3, waiting],
    ] as const
    return barLine(share, parts, columns, paint)
  }

  /** "5.0 MB in 2 s (2.5 MB/s), 1 resume, 2 retries". */
  get summary(): string {
    const elapsedMs = this.#clock.now() - this.#startedAt
    const here = this.#bytes - (this.#firstBytes ?? 0)
    const speed = elapsedMs < 1 || here <= 0 ? "" : ` (${formatBytes((here / elapsedMs) * 1000)}/s)`
    return [
      `${formatBytes(this.#bytes)} in ${this.elapsed}${speed}`,
      counted(this.#resumes, "resume", "resumes"),
      counted(this.#retries, "retry", "retries"),
    ]
      .filter((part) => part !== undefined)
      .join(", ")
  }
}
