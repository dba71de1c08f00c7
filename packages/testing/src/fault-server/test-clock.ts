import type { Clock } from "./system-clock.ts"

interface Timer {
  readonly dueMs: number
  readonly run: () => void
}

/** A clock for tests: time passes when the test says so. It starts at 2026-01-01T00:00:00.250Z. */
export class TestClock implements Clock {
  #nowMs = 0
  readonly #timers = new Set<Timer>()
  #noticed: () => void = () => {}

  now(): number {
    return this.#nowMs
  }

  date(): number {
    return Date.UTC(2026, 0, 1) + 250 + this.#nowMs
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, run }
    this.#timers.add(timer)
    this.#noticed()
    return () => this.#timers.delete(timer)
  }

  get pending(): number {
    return this.#timers.size
  }

  /** Waits until somebody waits, then lets exactly so much time pass. Returns how long that somebody wanted to wait. */
  async pass(passedMs: number): Promise<number> {
    if (this.#timers.size === 0) await new Promise<void>((resolve) => (this.#noticed = resolve))
    const asked = Math.min(...[...this.#timers].map(({ dueMs }) => dueMs)) - this.#nowMs
    this.#nowMs += passedMs
    for (const timer of this.#timers) {
      if (timer.dueMs > this.#nowMs) continue
      this.#timers.delete(timer)
      timer.run()
    }
    return asked
  }
}
