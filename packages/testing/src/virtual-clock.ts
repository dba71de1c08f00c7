import type { Clock } from "steadfetch"

/** Where a virtual clock is set, and how to change that. */
export interface VirtualClockOptions {
  /** What `date()` gives at the start: milliseconds since 1970-01-01 UTC. Default 2026-01-01T00:00:00Z. */
  readonly startDate?: number
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

/** A clock that begins at `now() === 0`. */
export function virtualClock(options: VirtualClockOptions = {}): VirtualClock {
  return new TimerQueue(options.startDate ?? Date.UTC(2026, 0, 1))
}

/** Turns of the event loop after which promises, streams and Blobs have settled. Measured: a Blob takes up to two. */
const TURNS_TO_SETTLE = 4

/** Taken when the module loads, so that a test runner's fake timers do not stop it. */
const nextTurn = setImmediate

interface Timer {
  readonly dueAt: number
  readonly run: () => void
}

class TimerQueue implements VirtualClock {
  #now = 0
  #startDate: number
  /** Ordered by time, then by when they were set. */
  #timers: Timer[] = []

  constructor(startDate: number) {
    this.#startDate = startDate
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
    const timer = { dueAt: this.#now + Math.max(0, delayMs), run }
    const later = this.#timers.findIndex(({ dueAt }) => dueAt > timer.dueAt)
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  get pending(): number {
    return this.#timers.length
  }

  async advance(passedMs: number): Promise<void> {
    if (!(passedMs >= 0 && passedMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`a clock cannot advance by ${passedMs} ms; give a finite time of 0 or more`)
    }
    const until = this.#now + passedMs
    await this.settle()
    for (let next = this.#timers[0]; next !== undefined && next.dueAt <= until; next = this.#timers[0]) {
      await this.#run(next)
    }
    this.#now = until
  }

  async advanceToNext(): Promise<number> {
    await this.settle()
    const [next] = this.#timers
    if (next === undefined) throw new Error("no timer is set; there is nothing to advance to")
    const before = this.#now
    await this.#run(next)
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
      const [next] = this.#timers
      if (next === undefined) {
        throw new Error(
          `the promise has not settled by ${this.#now} ms and no timer is set; it waits for something that the virtual clock does not move`,
        )
      }
      await this.#run(next)
    }
    return result
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS_TO_SETTLE; turn++) await new Promise<void>((resolve) => nextTurn(resolve))
  }

  async #run(timer: Timer): Promise<void> {
    this.#timers = this.#timers.filter((other) => other !== timer)
    this.#now = timer.dueAt
    timer.run()
    await this.settle()
  }
}
