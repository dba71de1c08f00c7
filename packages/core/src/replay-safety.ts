import type { Judgement } from "./contract.ts"
import type { Exchange } from "./exchange.ts"
import { headerValue } from "./headers.ts"
import type { Outcome } from "./outcome.ts"

/** Idempotent methods (RFC 9110 §9.2.2, RFC 10008). */
const IDEMPOTENT: readonly string[] = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"]

/**
 * Whether sending the request again cannot apply it twice: its method is idempotent, it carries an idempotency key, the
 * server invites the retry, or the outcome proves that nothing was processed (no connection; 421 and 425; 429 and 503
 * with a time named).
 */
export function isReplaySafe(exchange: Exchange, outcome: Outcome, judged: Judgement): boolean {
  const { method, headers } = exchange.request
  if (IDEMPOTENT.includes(method) || exchange.keyed || headerValue(headers, "idempotency-key") !== undefined)
    return true
  if (outcome.kind === "failure") return !outcome.processed
  if (judged.asked === true || [421, 425].includes(outcome.status)) return true
  return [429, 503].includes(outcome.status) && judged.afterMs !== undefined
}
