/** One timer of the platform. */
export interface PlatformTimer {
  clear(): void
  /** Lets the process end while the timer runs, where the platform can; undefined where it cannot. */
  readonly idle: ((isIdle: boolean) => void) | undefined
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
  after: Entry | undefined
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
  add(run: () => void): () => void {
    const entry: Entry = { dueAt: this.#platform.now() + this.#delayMs, run, before: this.#last, after: undefined }
    if (this.#last === undefined) {
      this.#first = entry
      if (this.#timer === undefined) this.#start(this.#delayMs)
      else this.#timer.idle?.(false)
    } else this.#last.after = entry
    this.#last = entry
    return () => this.#remove(entry)
  }

  #remove(entry: Entry): void {
    const { before, after } = entry
    if (before === undefined && this.#first !== entry) return
    if (before === undefined) this.#first = after
    else before.after = after
    if (after === undefined) this.#last = before
    else after.before = before
    entry.before = undefined
    if (this.#first === undefined) this.#rest()
  }

  /** Keeps the timer for what comes next, if it does not keep the process alive. */
  #rest(): void {
    if (this.#timer?.idle !== undefined) return this.#timer.idle(true)
    this.#timer?.clear()
    this.#timer = undefined
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
