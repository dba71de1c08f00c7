import type { Clock, Listeners, Runtime } from "steadfetch"

interface Timer {
  readonly dueAtMs: number
  readonly run: () => void
}

/**
 * Time that stands still until a test lets it pass, while sockets go on in real time: whoever waits, waits for ever unless
 * the test says so. It starts on 2026-01-01 at midnight, UTC.
 */
export class HeldTime implements Clock {
  #nowMs = 0
  readonly #timers = new Set<Timer>()
  readonly #asking = new Set<{ readonly delayMs: number; readonly resolve: () => void }>()

  now(): number {
    return this.#nowMs
  }

  date(): number {
    return Date.UTC(2026, 0, 1) + this.#nowMs
  }

  after(delayMs: number, run: () => void): () => void {
    if (delayMs === Number.POSITIVE_INFINITY) return () => {}
    const timer = { dueAtMs: this.#nowMs + delayMs, run }
    this.#timers.add(timer)
    for (const asking of this.#asking) if (asking.delayMs === delayMs) asking.resolve()
    return () => this.#timers.delete(timer)
  }

  /** How many timers run. */
  get pending(): number {
    return this.#timers.size
  }

  /** Resolves once somebody waits for something that is due in exactly so many milliseconds. */
  async asked(delayMs: number): Promise<void> {
    if ([...this.#timers].some(({ dueAtMs }) => dueAtMs - this.#nowMs === delayMs)) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const asking = { delayMs, resolve }
    this.#asking.add(asking)
    await promise
    this.#asking.delete(asking)
  }

  /** Lets time pass, and runs what falls due in the order of its times. */
  pass(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const [next] = [...this.#timers]
        .filter(({ dueAtMs }) => dueAtMs <= endMs)
        .toSorted((a, b) => a.dueAtMs - b.dueAtMs)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueAtMs)
      next.run()
    }
    this.#nowMs = endMs
  }

  /** Listeners that let the waits between attempts pass as soon as they begin, and no other time. */
  get passingWaits(): Listeners {
    // The event comes just before the wait begins.
    return { waiting: ({ waitMs }) => queueMicrotask(() => this.pass(waitMs)) }
  }

  /** A runtime of this time. Jitter is always the middle of its range, unless told otherwise. */
  runtime(random: () => number = () => 0.5): Partial<Runtime> {
    return { clock: this, random }
  }
}
