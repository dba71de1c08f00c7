import { AcceptRatio, type AcceptRatioNumbers } from "../algorithms/accept-ratio.ts"
import { Keyed } from "../algorithms/keyed.ts"
import type { Exchange } from "../exchange.ts"
import { failure, type Failure, type Outcome } from "../outcome.ts"
import type { Handler, Policy } from "../pipeline.ts"
import { requestKey, type KeyOf } from "../request-key.ts"
import type { Runtime } from "../runtime.ts"
import { checked, checkFunction, knownOptions } from "../validation.ts"

/** Options of {@link throttle}. */
export interface ThrottleOptions {
  /** Attempts that may go out per accepted one; the K of the formula. Lower is stricter. From 1 to 1000. Default 2. */
  readonly perAccept?: number | undefined
  /** Milliseconds of history that count. Default 30,000. */
  readonly windowMs?: number | undefined
  /** The chance of a rejection never exceeds this, so that something still finds the server well again. From 0 to 0.99. Default 0.9. */
  readonly maxRejection?: number | undefined
  /** With fewer attempts than this within the window, rejected ones included, none is rejected. Default 20. */
  readonly minAttempts?: number | undefined
  /**
   * Whether the server accepted an attempt, well or badly. Default: any reply but 429, 502, 503 and 504, and no failure
   * that time can heal. Never asked about attempts that were aborted, or rejected by another policy.
   */
  readonly isAccepted?: ((outcome: Outcome) => boolean) | undefined
  /** What is throttled by itself; shown in messages and events. Default: the request's origin. */
  readonly key?: KeyOf | undefined
}

/**
 * Adaptive throttling on the client's side, per origin: while the server turns away more than half of what it gets, so
 * many attempts are rejected before they are sent that it gets about twice what it accepts. Nothing is rejected while the
 * server accepts at least half. Use it for steady traffic to servers that shed load, where a share of calls succeeds and
 * the rest should cost nobody anything. It rejects by chance, each attempt anew; a breaker rejects all or nothing.
 *
 * Standard: "Handling Overload" in Site Reliability Engineering (2016).
 * @throws ConfigurationError for options that are unknown or out of range.
 */
export function throttle(options: ThrottleOptions = {}): Policy {
  knownOptions("throttle", options, ["perAccept", "windowMs", "maxRejection", "minAttempts", "isAccepted", "key"])
  const { isAccepted = wasAccepted, perAccept = 2, windowMs = 30_000, maxRejection = 0.9, minAttempts = 20 } = options
  checkFunction("throttle.isAccepted", isAccepted)
  const keyOf = requestKey("throttle", options.key)
  const numbers: AcceptRatioNumbers = {
    perAccept: checked("throttle.perAccept", perAccept, 1, 1000),
    windowMs: checked("throttle.windowMs", windowMs, 1, 86_400_000),
    maxRejection: checked("throttle.maxRejection", maxRejection, 0, 0.99),
    minRequests: checked("throttle.minAttempts", minAttempts, 0),
  }
  return {
    name: "throttle",
    scope: "gate",
    wrap: (next, runtime) => {
      const { clock, random } = runtime
      const ratios = new Keyed(
        () => new AcceptRatio(numbers),
        (ratio) => ratio.rejectionChance(clock.now()) > 0,
      )
      return (exchange) => {
        const key = keyOf(exchange.request)
        const ratio = ratios.of(key)
        const now = clock.now()
        const chance = ratio.rejectionChance(now)
        if (chance === 0 || random() >= chance) return attempt(exchange, next, ratio, isAccepted, runtime)
        // Told before it is noted: these are the numbers that decided.
        const rejected = rejection(exchange, key, chance, ratio, runtime)
        ratio.note(false, now)
        return Promise.resolve(rejected)
      }
    },
  }
}

/**
 * A 500 comes of a server that took the request on: sending it less helps nobody. A gateway that answers 502 or 504 tells
 * of the connection or the reply that it did not get, which would be no acceptance here either.
 */
function wasAccepted(outcome: Outcome): boolean {
  return outcome.kind === "reply" ? ![429, 502, 503, 504].includes(outcome.status) : !outcome.temporary
}

async function attempt(
  exchange: Exchange,
  next: Handler,
  ratio: AcceptRatio,
  isAccepted: (outcome: Outcome) => boolean,
  { clock }: Runtime,
): Promise<Outcome> {
  const outcome = await next(exchange)
  // What its caller ended, or another policy did not let out, tells nothing of the server.
  if (outcome.kind === "failure" && (outcome.code === "aborted" || outcome.code === "rejected")) return outcome
  try {
    ratio.note(isAccepted(outcome), clock.now())
    return outcome
  } catch (defect) {
    if (outcome.kind === "reply") outcome.body.discard()
    throw defect
  }
}

function rejection({ record }: Exchange, key: string, chance: number, ratio: AcceptRatio, runtime: Runtime): Failure {
  const { clock, events } = runtime
  const now = clock.now()
  const shownKey = record.redact(key)
  const why = `${ratio.accepts(now)} of the last ${ratio.requests(now)} attempts were accepted`
  if (events.heard("rejected")) events.emit("rejected", { call: record, policy: "throttle", key: shownKey, why })
  const percent = Math.round(chance * 100)
  return failure("rejected", `throttle() rejects ${percent} % of the attempts for ${shownKey}: ${why}`)
}
