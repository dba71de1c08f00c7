import type { CallOutcome, Clock, Ending, FailureCode, Listeners } from "steadfetch"
import { Speed } from "../progress/speed.ts"
import { Latencies } from "./latencies.ts"
import type { Start } from "./load.ts"

/** Short, for it says how fast it goes now. */
const SPEED_WINDOW_MS = 2000

/** Different messages that are kept of one status or reason, and how much of each. */
const MOST_MESSAGES = 3
const LONGEST_MESSAGE = 200

/** Calls that ended alike, and what was said about it, each once. */
export interface Group {
  count: number
  readonly messages: string[]
}

/** How far a load had come when no further call began. */
interface Mark {
  readonly elapsedMs: number
  readonly calls: number
  readonly bytes: number
}

/** What became of the calls of a load: counts and latencies, which take the same room however many there are. */
export class Tally {
  /** Of calls: from when they were due until how they ended is known, waits and retries included. */
  readonly callLatencies = new Latencies()
  /** Of attempts: from sending until the body has arrived. */
  readonly attemptLatencies = new Latencies()
  calls = 0
  attempts = 0
  acceptedAtOnce = 0
  acceptedAfterRetry = 0
  /** Ended by Ctrl-C while they were under way; in no other count. */
  cut = 0
  /** Calls that had to wait for others to end before they could begin. */
  late = 0
  longestLateMs = 0
  /** Of the bodies of replies, decoded. */
  bytes = 0
  readonly waits = { count: 0, totalMs: 0, asked: 0 }
  /** Which status those that were accepted had. */
  readonly acceptedStatuses = new Map<number, number>()
  /** 4xx: the request has to change. */
  readonly corrections = new Map<number, Group>()
  /** 5xx, and 4xx that can succeed later. */
  readonly exhausted = new Map<number, Group>()
  readonly noReplies = new Map<FailureCode, Group>()
  /** Why calls that could have succeeded later were not tried again. */
  readonly endings = new Map<Ending, number>()
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #speed = new Speed(SPEED_WINDOW_MS)
  #mark: Mark | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#speed.note(this.#startedAt, 0)
  }

  get elapsedMs(): number {
    return this.#clock.now() - this.#startedAt
  }

  /** Calls that end per second, at present; undefined while it cannot be told. */
  get speed(): number | undefined {
    return this.#speed.perSecond(this.#clock.now())
  }

  /** How far it had come when it was marked; how far it has come, before. */
  get mark(): Mark {
    return this.#mark ?? { elapsedMs: this.elapsedMs, calls: this.calls, bytes: this.bytes }
  }

  /** Rates are of the time until now: afterwards calls end, and none begins. */
  setMark(): void {
    this.#mark = this.mark
  }

  /** For the client's `on`. */
  get listeners(): Listeners {
    return {
      "attempt-ended": ({ attempt, outcome }) => {
        if (outcome.kind === "failure" && outcome.code === "aborted") return
        this.attempts++
        this.attemptLatencies.note(attempt.durationMs ?? 0)
        if (outcome.kind === "reply") this.bytes += outcome.body.bytes?.byteLength ?? 0
      },
      waiting: ({ waitMs, askedMs }) => {
        this.waits.count++
        this.waits.totalMs += waitMs
        if (askedMs > 0) this.waits.asked++
      },
      "call-ended": ({ call: { verdict, ending } }) => {
        if (verdict !== "retry" || ending === undefined || ending === "aborted") return
        this.endings.set(ending, (this.endings.get(ending) ?? 0) + 1)
      },
    }
  }

  began({ lateMs }: Start): void {
    if (lateMs === 0) return
    this.late++
    this.longestLateMs = Math.max(this.longestLateMs, lateMs)
  }

  ended({ countsFrom }: Start, outcome: CallOutcome): void {
    const now = this.#clock.now()
    this.callLatencies.note(now - countsFrom)
    this.#speed.note(now, ++this.calls)
    if (outcome.kind === "success") {
      this.acceptedStatuses.set(outcome.status, (this.acceptedStatuses.get(outcome.status) ?? 0) + 1)
      if (outcome.attempts.some(({ waitMs }) => waitMs !== undefined)) this.acceptedAfterRetry++
      else this.acceptedAtOnce++
    } else if (outcome.kind === "no-reply") {
      group(this.noReplies, outcome.error.code, outcome.attempts.at(-1)?.message)
    } else {
      const isToCorrect = outcome.kind === "client-error" && outcome.verdict === "correct"
      group(isToCorrect ? this.corrections : this.exhausted, outcome.status, outcome.error.serverMessage)
    }
  }
}

function group<Key>(groups: Map<Key, Group>, key: Key, message: string | undefined): void {
  const known = groups.get(key) ?? { count: 0, messages: [] }
  groups.set(key, known)
  known.count++
  if (message === undefined || known.messages.length >= MOST_MESSAGES) return
  const said = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE - 1)}…` : message
  if (!known.messages.includes(said)) known.messages.push(said)
}

/** How many calls all groups hold. */
export function sumOf(groups: ReadonlyMap<unknown, Group>): number {
  return [...groups.values()].reduce((sum, { count }) => sum + count, 0)
}
