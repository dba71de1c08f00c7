/** One that waits for a permit; its place in the queue is in it, so that leaving costs the same at any length. */
export class Waiter {
  /** Offered a permit, when its turn has come; false declines it, and it goes to the next. */
  readonly offered: () => boolean
  /** Told that it lost its place to another. */
  readonly displaced: () => void
  older: Waiter | undefined = undefined
  newer: Waiter | undefined = undefined
  isQueued = false

  constructor(offered: () => boolean, displaced: () => void) {
    this.offered = offered
    this.displaced = displaced
  }
}

/** Which of those that wait gets the next permit: the oldest, or the newest. */
export type QueueOrder = "fifo" | "lifo"

/**
 * So many permits, and a queue for them. A permit that is given back goes to the next in the queue directly: who comes at
 * that moment cannot overtake, and nobody is woken in vain.
 */
export class Permits {
  #limit: number
  readonly #queueSize: number
  readonly #order: QueueOrder
  #inFlight = 0
  #queued = 0
  #oldest: Waiter | undefined
  #newest: Waiter | undefined
  #isGranting = false

  constructor(limit: number, queueSize: number, order: QueueOrder) {
    this.#limit = limit
    this.#queueSize = queueSize
    this.#order = order
  }

  get limit(): number {
    return this.#limit
  }

  /** Permits that are held. More than the limit only after it was lowered. */
  get inFlight(): number {
    return this.#inFlight
  }

  get queued(): number {
    return this.#queued
  }

  /** How many would be served before one that comes now, as things are. */
  get ahead(): number {
    return this.#order === "fifo" ? this.#queued : 0
  }

  /** Takes a permit if one is free; it never is while someone waits. */
  take(): boolean {
    if (this.#inFlight >= this.#limit) return false
    this.#inFlight++
    return true
  }

  /** Gives a permit back. */
  release(): void {
    this.#inFlight--
    this.#grant()
  }

  /** Changes how many permits there are. Those above a lower limit run to their end. */
  resize(limit: number): void {
    this.#limit = limit
    this.#grant()
  }

  /**
   * Queues up behind the newest; false when the queue is full. The newest first: then the one that waits longest, whose
   * turn would come last, loses its place instead.
   */
  enqueue(waiter: Waiter): boolean {
    if (this.#queueSize === 0 || (this.#queued >= this.#queueSize && this.#order === "fifo")) return false
    const displaced = this.#queued >= this.#queueSize ? this.#oldest : undefined
    if (displaced !== undefined) this.leave(displaced)
    waiter.older = this.#newest
    if (this.#newest === undefined) this.#oldest = waiter
    else this.#newest.newer = waiter
    this.#newest = waiter
    waiter.isQueued = true
    this.#queued++
    displaced?.displaced()
    return true
  }

  /** Leaves the queue; nothing happens to one that is not in it. */
  leave(waiter: Waiter): void {
    if (!waiter.isQueued) return
    if (waiter.older === undefined) this.#oldest = waiter.newer
    else waiter.older.newer = waiter.newer
    if (waiter.newer === undefined) this.#newest = waiter.older
    else waiter.newer.older = waiter.older
    waiter.older = undefined
    waiter.newer = undefined
    waiter.isQueued = false
    this.#queued--
  }

  /** A loop, also where a permit comes back the moment it is given: a queue of any length needs no stack. */
  #grant(): void {
    if (this.#isGranting) return
    this.#isGranting = true
    try {
      while (this.#inFlight < this.#limit) {
        const next = this.#order === "fifo" ? this.#oldest : this.#newest
        if (next === undefined) return
        this.leave(next)
        this.#inFlight++
        if (!next.offered()) this.#inFlight--
      }
    } finally {
      this.#isGranting = false
    }
  }
}
