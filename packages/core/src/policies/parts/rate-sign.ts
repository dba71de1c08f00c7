import type { Sign } from "../../algorithms/paced-rate.ts"
import { serviceLimits } from "../../algorithms/rate-limit-fields.ts"
import { retryAfterMs } from "../../algorithms/retry-after.ts"
import type { Reply } from "../../outcome.ts"
import type { Clock } from "../../runtime.ts"

/**
 * What a reply says about the rate. 429 says that there were too many. 503 says it only with a Retry-After, as it may mean
 * anything else; so does 403, which some APIs use for it. Retry-After goes before RateLimit fields (draft-11 §7).
 */
export function rateSign(reply: Reply, clock: Pick<Clock, "date">): Sign {
  const { status, headers, body } = reply
  const get = (name: string): string | null => headers.get(name)
  const date = clock.date()
  const mayThrottle = status === 429 || status === 503 || status === 403
  const pauseMs = mayThrottle ? (retryAfterMs(get, date) ?? body.retryAfterMs?.()) : undefined
  const limits = pauseMs === undefined ? serviceLimits(get, date) : []
  if (status === 429 || pauseMs !== undefined) return { kind: "throttled", pauseMs, limits }
  return { kind: status < 500 ? "served" : "none", pauseMs, limits }
}
