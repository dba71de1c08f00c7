import type { Clock } from "./runtime.ts"

/** The longest delay that setTimeout keeps; a longer one overflows and fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after(delayMs, run) {
    let timer: ReturnType<typeof setTimeout> | undefined
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, LONGEST_TIMER_MS)
      timer = setTimeout(() => (stepMs < leftMs ? arm(leftMs - stepMs) : run()), stepMs)
    }
    if (delayMs < Number.POSITIVE_INFINITY) arm(Math.max(0, delayMs))
    return () => clearTimeout(timer)
  },
}
