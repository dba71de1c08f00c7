import type { Clock } from "./runtime.ts"

/** The longest delay that setTimeout keeps; a longer one overflows and fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after(delayMs, run) {
    let timer: ReturnType<typeof setTimeout> | undefined
    const dueAt = performance.now() + delayMs
    const arm = (leftMs: number): void => {
      timer = setTimeout(fire, Math.min(leftMs, LONGEST_TIMER_MS))
    }
    // Platforms drop fractions of a millisecond, and fire too early by them.
    const fire = (): void => {
      const leftMs = dueAt - performance.now()
      if (leftMs > 0) arm(leftMs)
      else run()
    }
    if (delayMs < Number.POSITIVE_INFINITY) arm(Math.max(0, delayMs))
    return () => clearTimeout(timer)
  },
}
