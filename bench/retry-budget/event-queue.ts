import type { Clock } from "steadfetch"

interface Timer {
  readonly dueAt: number
  /** Timers of the same instant run in the order in which they were set. */
  readonly order: number
  /** Undefined once it was called off. */
  run: (() => void) | undefined
}

/**
 * A virtual clock for long experiments: a binary heap of timers. The testing package's clock serves tests, where a timer
 * may find dozens of others: it keeps a sorted list and lets streams and Blobs settle too, four turns of the event loop
 * per timer. Here tens of thousands of timers are set at a time, and only promises have to settle.
 */
export class EventQueue implements Clock {
  #now = 0
  #set = 0
  readonly #heap: Timer[] = []

  now(): number {
    return this.#now
  }

  date(): number {
    return this.#now
  }

  after(delayMs: number, run: () => void): () => void {
    if (delayMs === Number.POSITIVE_INFINITY) return () => {}
    const timer: Timer = { dueAt: this.#now + Math.max(0, delayMs), order: this.#set++, run }
    this.#add(timer)
    return () => {
      timer.run = undefined
    }
  }

  /** Runs all timers that are due before the instant, each with all that it sets off; without one: until none is left. */
  async run(untilMs: number = Number.POSITIVE_INFINITY): Promise<void> {
    for (let [next] = this.#heap; next !== undefined && next.dueAt < untilMs; [next] = this.#heap) {
      this.#removeFirst()
      if (next.run === undefined) continue
      this.#now = next.dueAt
      next.run()
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    if (untilMs !== Number.POSITIVE_INFINITY) this.#now = untilMs
  }

  #add(timer: Timer): void {
    const heap = this.#heap
    let place = heap.push(timer) - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || !isBefore(timer, parent)) break
      heap[place] = parent
      place = above
    }
    heap[place] = timer
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let place = 0
    for (;;) {
      const left = heap[2 * place + 1]
      const right = heap[2 * place + 2]
      const isRight = left !== undefined && right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (child === undefined || !isBefore(child, last)) break
      heap[place] = child
      place = 2 * place + (isRight ? 2 : 1)
    }
    heap[place] = last
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.order < other.order)
}
