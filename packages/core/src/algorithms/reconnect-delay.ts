import { backoffMs } from "./backoff.ts"

/** Where the growth begins, also for servers that ask to be asked again at once. */
const LEAST_BASE_MS = 1000
const MOST_SPREAD_MS = 30_000

/**
 * Milliseconds before a stream is asked for again: never less than `afterMs`, and on top of it a random part, so that those
 * who lost the same server do not all return at once. Its range grows while reconnections bring nothing.
 * @param inARow How many reconnections in a row this is, from 1.
 * @param random From 0 up to but not including 1.
 */
export function reconnectMs(inARow: number, afterMs: number, random: () => number): number {
  const spreadMs = inARow === 1 ? afterMs : backoffMs(inARow - 1, Math.max(afterMs, LEAST_BASE_MS), MOST_SPREAD_MS)
  return afterMs + random() * Math.min(spreadMs, MOST_SPREAD_MS)
}
