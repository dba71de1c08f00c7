/**
 * Exponential backoff with full jitter: a delay between 0 and `min(capMs, baseMs · 2^(retry − 1))`, never above `roomMs`.
 * Full jitter spreads contending clients best (M. Brooker, "Exponential Backoff And Jitter", 2015).
 * @param retry 1 for the first retry.
 * @param random From 0 up to but not including 1.
 */
export function fullJitterMs(
  retry: number,
  baseMs: number,
  capMs: number,
  roomMs: number,
  random: () => number,
): number {
  return random() * Math.min(backoffMs(retry, baseMs, capMs), roomMs)
}

/** The upper end of the range that full jitter draws from. */
export function backoffMs(retry: number, baseMs: number, capMs: number): number {
  // Beyond the largest number the power would be infinite, and 0 times that no number.
  return Math.min(capMs, baseMs * 2 ** Math.min(retry - 1, 900))
}
