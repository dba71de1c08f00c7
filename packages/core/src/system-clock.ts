import { TimerQueue, type PlatformTimer } from "./algorithms/timer-queue.ts"
import type { Clock } from "./runtime.ts"

/** The longest delay that setTimeout keeps; a longer one overflows and fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Time limits are of this length at least, and of few different ones. Shorter delays are waits, each of its own length. */
const SHORTEST_QUEUED_MS = 1000
const MOST_QUEUES = 32

const queues = new Map<number, TimerQueue>()

/** The machine's time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after(delayMs, run) {
    const queue = queueFor(delayMs)
    if (queue !== undefined) return queue.add(run)
    let timer: ReturnType<typeof setTimeout> | undefined
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, LONGEST_TIMER_MS)
      timer = setTimeout(() => (stepMs < leftMs ? arm(leftMs - stepMs) : run()), stepMs)
    }
    if (delayMs < Number.POSITIVE_INFINITY) arm(Math.max(0, delayMs))
    return () => clearTimeout(timer)
  },
}

function queueFor(delayMs: number): TimerQueue | undefined {
  const known = queues.get(delayMs)
  if (known !== undefined) return known
  const queued = delayMs >= SHORTEST_QUEUED_MS && delayMs <= LONGEST_TIMER_MS && Number.isInteger(delayMs)
  if (!queued || queues.size >= MOST_QUEUES) return undefined
  const queue = new TimerQueue(delayMs, { now: () => performance.now(), start: platformTimer })
  queues.set(delayMs, queue)
  return queue
}

function platformTimer(delayMs: number, run: () => void): PlatformTimer {
  const timer: unknown = setTimeout(run, delayMs)
  const clear = (): void => clearTimeout(timer as number)
  // Node and Bun give an object; elsewhere a timer is a number.
  if (typeof timer !== "object" || timer === null || !("unref" in timer) || !("ref" in timer))
    return { clear, idle: undefined }
  const { ref, unref } = timer as { ref(): void; unref(): void }
  return { clear, idle: (isIdle) => (isIdle ? unref : ref).call(timer) }
}
