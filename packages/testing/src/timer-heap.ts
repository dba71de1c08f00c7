/** A timer that is set, and where the heap keeps it. */
export interface Timer {
  readonly dueAt: number
  /** Timers of the same instant run in the order in which they were set. */
  readonly order: number
  readonly run: () => void
  /** Below 0 once it is no longer set. */
  place: number
}

/** Timers by when they are due: a binary heap, so that hundreds of thousands may be set at a time. */
export class TimerHeap {
  readonly #timers: Timer[] = []
  #set = 0

  get size(): number {
    return this.#timers.length
  }

  /** The timer due next. */
  get first(): Timer | undefined {
    return this.#timers[0]
  }

  add(dueAt: number, run: () => void): Timer {
    const timer: Timer = { dueAt, order: this.#set++, run, place: this.#timers.length }
    this.#timers.push(timer)
    this.#rise(timer)
    return timer
  }

  /** Takes a timer out; one that is not set any more is left alone. */
  remove(timer: Timer): void {
    const { place } = timer
    if (place < 0) return
    timer.place = -1
    const last = this.#timers.pop()
    if (last === undefined || last === timer) return
    this.#put(last, place)
    this.#rise(last)
    this.#sink(last)
  }

  #rise(timer: Timer): void {
    while (timer.place > 0) {
      const { place } = timer
      const above = (place - 1) >> 1
      const parent = this.#timers[above]
      if (parent === undefined || !isBefore(timer, parent)) return
      this.#put(parent, place)
      this.#put(timer, above)
    }
  }

  #sink(timer: Timer): void {
    for (;;) {
      const { place } = timer
      const left = this.#timers[2 * place + 1]
      const right = this.#timers[2 * place + 2]
      const child = left !== undefined && right !== undefined && isBefore(right, left) ? right : left
      if (child === undefined || !isBefore(child, timer)) return
      const below = child.place
      this.#put(child, place)
      this.#put(timer, below)
    }
  }

  #put(timer: Timer, place: number): void {
    this.#timers[place] = timer
    timer.place = place
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.order < other.order)
}
