import type { Cancellation } from "../../cancellation.ts"
import { failure } from "../../outcome.ts"
import type { Clock } from "../../runtime.ts"

/**
 * Ends a transfer at its deadline. Returns how to call that off.
 * @param limitMs Infinity for none.
 */
export function expireAfter(
  limitMs: number,
  transfer: "download" | "upload",
  ends: Cancellation,
  clock: Clock,
): () => void {
  if (limitMs === Number.POSITIVE_INFINITY) return () => {}
  const message = `the ${transfer} was not complete within ${limitMs} ms`
  return clock.after(limitMs, () => ends.cancel(failure("timeout", message, undefined, { limit: "deadline" })))
}
