/** One timer of the platform. */
export interface PlatformTimer {
  /** Whether the process may end while the timer runs. */
  idle(isIdle: boolean): void
}

/** What a queue needs of its platform. */
export interface PlatformTimers {
  now(): number
  start(delayMs: number, run: () => void): PlatformTimer
}

interface Entry {
  readonly dueAt: number
  readonly run: () => void
  before: Entry | undefined
  next: Entry | undefined
}

/**
 * Many timers of the same delay on one timer of the platform. Time limits are set and called off with every call and
 * hardly ever fire; here that costs two links of a list. What has the same delay falls due in the order it was added.
 */
export class TimerQueue {
  readonly #delayMs: number
  readonly #platform: PlatformTimers
  #timer: PlatformTimer | undefined
  #first: Entry | undefined
  #last: Entry | undefined

  constructor(delayMs: number, platform: PlatformTimers) {
    this.#delayMs = delayMs
    this.#platform = platform
  }

  /** Runs something once after the queue's delay; returns how to call it off. */
  after(_delayMs: number, run: () => void): () => void {
    const entry: Entry = { dueAt: this.#platform.now() + this.#delayMs, run, before: this.#last, next: undefined }
    if (this.#last === undefined) {
      this.#first = entry
      if (this.#timer === undefined) this.#start(this.#delayMs)
      else this.#timer.idle(false)
    } else this.#last.next = entry
    this.#last = entry
    return () => this.#remove(entry)
  }

  #remove(entry: Entry): void {
    const { before, next } = entry
    if (before === undefined && this.#first !== entry) return
    if (before === undefined) this.#first = next
    else before.next = next
    if (next === undefined) this.#last = before
    else next.before = before
    // A dead entry that points on would keep all that follow from the garbage collector.
    entry.before = undefined
    entry.next = undefined
    // Kept for what comes next, without keeping the process alive.
    if (this.#first === undefined) this.#timer?.idle(true)
  }

  #start(delayMs: number): void {
    this.#timer = this.#platform.start(delayMs, () => this.#fire())
  }

  #fire(): void {
    this.#timer = undefined
    const now = this.#platform.now()
    try {
      while (this.#first !== undefined && this.#first.dueAt <= now) {
        const { run } = this.#first
        this.#remove(this.#first)
        run()
      }
    } finally {
      // What follows one that throws is still due.
      if (this.#first !== undefined && this.#timer === undefined) this.#start(Math.max(0, this.#first.dueAt - now))
    }
  }
}
