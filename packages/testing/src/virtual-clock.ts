import type { Clock } from "steadfetch"
import { TimerHeap, type Timer } from "./timer-heap.ts"

/** Where a virtual clock is set, and how to change that. */
export interface VirtualClockOptions {
  /** What `date()` gives at the start: milliseconds since 1970-01-01 UTC. Default 2026-01-01T00:00:00Z. */
  readonly startDate?: number
  /**
   * What has settled before the next timer runs: "streams" are promises, web streams and Blobs; "promises" alone take a
   * quarter of the time, which tells in simulations of many calls. Default "streams".
   */
  readonly settles?: "promises" | "streams"
}

/** A clock whose time passes when a test says so, and at once. */
export interface VirtualClock extends Clock {
  /** How many timers are set. */
  readonly pending: number
  /**
   * Lets so many milliseconds pass: runs every timer that falls due, in order of time and, at equal times, in the order
   * in which they were set. What a timer sets off settles before the next one runs.
   * @throws RangeError for a negative or infinite time.
   */
  advance(passedMs: number): Promise<void>
  /**
   * Lets time pass until the next timer has run.
   * @returns The milliseconds that passed.
   * @throws Error when no timer is set.
   */
  advanceToNext(): Promise<number>
  /**
   * Advances from timer to timer until the promise has settled, and settles as it does.
   * @throws Error when no timer is left and the promise has not settled: it would never do so.
   */
  runUntil<T>(promise: PromiseLike<T>): Promise<T>
  /** Lets everything settle that waits for no time to pass. */
  settle(): Promise<void>
  /** Sets the time of day, as an operator or a time server does; `now()` goes on as before. */
  setDate(dateMs: number): void
}

/** A clock that begins at `now() === 0`. @throws RangeError for an unknown `settles`. */
export function virtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const { startDate = Date.UTC(2026, 0, 1), settles = "streams" } = options
  const turns = TURNS_TO_SETTLE[settles]
  if (turns === undefined) throw new RangeError(`settles: "${settles}"; give "promises" or "streams"`)
  return new TimerQueue(startDate, turns)
}

/** Turns of the event loop after which all has settled. Measured: a Blob takes up to two. */
const TURNS_TO_SETTLE: Readonly<Record<string, number>> = { promises: 1, streams: 4 }

/** Taken when the module loads, so that a test runner's fake timers do not stop it. */
const nextTurn = setImmediate

class TimerQueue implements VirtualClock {
  #now = 0
  #startDate: number
  readonly #turns: number
  readonly #timers = new TimerHeap()

  constructor(startDate: number, turns: number) {
    this.#startDate = startDate
    this.#turns = turns
  }

  now(): number {
    return this.#now
  }

  date(): number {
    return this.#startDate + this.#now
  }

  setDate(dateMs: number): void {
    this.#startDate = dateMs - this.#now
  }

  after(delayMs: number, run: () => void): () => void {
    if (Number.isNaN(delayMs)) throw new RangeError("the delay of a timer is NaN; give milliseconds")
    if (delayMs === Number.POSITIVE_INFINITY) return () => {}
    const timer = this.#timers.add(this.#now + Math.max(0, delayMs), run)
    return () => this.#timers.remove(timer)
  }

  get pending(): number {
    return this.#timers.size
  }

  async advance(passedMs: number): Promise<void> {
    if (!(passedMs >= 0 && passedMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`a clock cannot advance by ${passedMs} ms; give a finite time of 0 or more`)
    }
    const until = this.#now + passedMs
    await this.settle()
    for (let next = this.#timers.first; next !== undefined && next.dueAt <= until; next = this.#timers.first) {
      this.#run(next)
      await this.settle()
    }
    this.#now = until
  }

  async advanceToNext(): Promise<number> {
    await this.settle()
    const next = this.#timers.first
    if (next === undefined) throw new Error("no timer is set; there is nothing to advance to")
    const before = this.#now
    this.#run(next)
    await this.settle()
    return this.#now - before
  }

  async runUntil<T>(promise: PromiseLike<T>): Promise<T> {
    const result = Promise.resolve(promise)
    const state = { settled: false }
    const note = (): void => {
      state.settled = true
    }
    result.then(note, note)
    await this.settle()
    while (!state.settled) {
      const next = this.#timers.first
      if (next === undefined) {
        throw new Error(
          `the promise has not settled by ${this.#now} ms and no timer is set; it waits for something that the virtual clock does not move`,
        )
      }
      this.#run(next)
      await this.settle()
    }
    return result
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < this.#turns; turn++) await new Promise<void>((resolve) => nextTurn(resolve))
  }

  #run(timer: Timer): void {
    this.#timers.remove(timer)
    this.#now = timer.dueAt
    timer.run()
  }
}
