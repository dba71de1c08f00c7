import { backoffMs, fullJitterMs } from "../algorithms/backoff.ts"
import { RetryBudget, type BudgetOptions } from "../algorithms/retry-budget.ts"
import type { Ending } from "../call-record.ts"
import { pause } from "../cancellation.ts"
import { contract, judge, type Contract, type Judgement } from "../contract.ts"
import type { Exchange, RetryOverride } from "../exchange.ts"
import { signalFailure, type Outcome, type Reply } from "../outcome.ts"
import type { Handler, Policy } from "../pipeline.ts"
import { isReplaySafe } from "../replay-safety.ts"
import type { Runtime } from "../runtime.ts"
import { originOf } from "../url.ts"
import { checked, knownOptions } from "../validation.ts"

/** Options of {@link retry}. */
export interface RetryOptions extends RetryOverride {
  /** How many retries successes pay for, per origin; false for no budget. */
  readonly budget?: BudgetOptions | false | undefined
  /** The table that says which outcome is retried. Default `documented`. */
  readonly contract?: Contract | undefined
}

/** The checked numbers of one call. */
interface Numbers {
  readonly attempts: number
  readonly baseMs: number
  readonly capMs: number
  readonly maxWaitMs: number
}

const DEFAULTS: Numbers = { attempts: 10, baseMs: 500, capMs: 20_000, maxWaitMs: Number.POSITIVE_INFINITY }

/**
 * Sends a request again, after a delay, when its contract says that the same request can succeed later: exponential
 * backoff with full jitter, Retry-After as a floor, a budget per origin, and only where a replay is safe. When it gives
 * up, the last real reply comes back, and the record says why.
 * @throws ConfigurationError for numbers out of range.
 */
export function retry(options: RetryOptions = {}): Policy {
  const { budget, contract: table, ...own } = options
  const usual = numbers(own, DEFAULTS)
  const purse = budget === false ? undefined : newBudget(budget ?? {})
  const usualContract = contract(table)
  return {
    name: "retry",
    scope: "repeater",
    wrap: (next, runtime) => (exchange) => {
      const { retry: override, contract: row } = exchange.options
      const limits =
        override === undefined ? usual : override === false ? { ...usual, attempts: 1 } : numbers(override, usual)
      return repeat(exchange, next, runtime, limits, row === undefined ? usualContract : contract(row), purse)
    },
  }
}

function numbers(given: RetryOverride, usual: Numbers): Numbers {
  knownOptions("retry", given, Object.keys(usual))
  const number = (name: keyof Numbers, least: number): number =>
    checked(`retry.${name}`, given[name] ?? usual[name], least)
  return {
    attempts: number("attempts", 1),
    baseMs: number("baseMs", 0),
    capMs: number("capMs", 0),
    maxWaitMs: number("maxWaitMs", 0),
  }
}

function newBudget(given: BudgetOptions): RetryBudget {
  const { perSuccess = 0.1, capacity = 10 } = given
  knownOptions("retry.budget", given, ["perSuccess", "capacity"])
  return new RetryBudget(
    checked("retry.budget.perSuccess", perSuccess, 0, 1),
    checked("retry.budget.capacity", capacity, 1),
  )
}

async function repeat(
  exchange: Exchange,
  next: Handler,
  runtime: Runtime,
  limits: Numbers,
  table: Contract,
  budget: RetryBudget | undefined,
): Promise<Outcome> {
  const { signal } = exchange
  const { clock } = runtime
  const origin = originOf(exchange.request.url)
  let lastReply: Reply | undefined
  let waitedMs = 0
  for (let tries = 1; ; tries++) {
    const outcome = await next(exchange)
    const judged = judgeOutcome(table, outcome, clock.date())
    if (judged.verdict === "accept") {
      budget?.deposit(origin)
      return ended(exchange, "answered", undefined, outcome)
    }
    const plan = plannedWait(exchange, judged, tries, limits, runtime)
    const retryAt = judged.verdict === "retry" ? clock.date() + plan.earliestMs : undefined
    const { waitMs } = plan
    let ending = finalEnding(exchange, outcome, judged, tries, limits)
    if (ending === undefined && waitMs === undefined) ending = "deadline"
    if (ending === undefined && waitedMs + (waitMs ?? 0) > limits.maxWaitMs) ending = "wait"
    // Asked before the wait and after all else, so that no token is spent on a retry that does not happen.
    if (ending === undefined && budget?.withdraw(origin) === false) ending = "budget"
    if (ending !== undefined || waitMs === undefined) {
      return ended(exchange, ending ?? "deadline", retryAt, lastWord(outcome, lastReply))
    }
    if (outcome.kind === "reply") {
      // A buffered reply holds nothing open and may yet be the last; a stream is let go before the next attempt.
      if (outcome.body.bytes === undefined) outcome.body.discard()
      else lastReply = outcome
    }
    waitedMs += waitMs
    tellWaiting(exchange, waitMs, plan.why, runtime)
    await pause(clock, waitMs, signal)
    if (signal?.aborted === true) {
      const cut = signalFailure(signal.reason)
      return ended(exchange, cut.code === "aborted" ? "aborted" : "deadline", retryAt, lastWord(cut, lastReply))
    }
  }
}

function ended(exchange: Exchange, ending: Ending, retryAt: number | undefined, outcome: Outcome): Outcome {
  exchange.record.ending = ending
  exchange.record.retryAt = retryAt
  return outcome
}

/** The last real reply is never lost to a later attempt that got none. */
function lastWord(outcome: Outcome, lastReply: Reply | undefined): Outcome {
  return outcome.kind === "failure" && outcome.temporary ? (lastReply ?? outcome) : outcome
}

function judgeOutcome(table: Contract, outcome: Outcome, dateMs: number): Judgement {
  if (outcome.kind === "reply") return judge(table, outcome, dateMs)
  const afterMs = outcome.retryAt === undefined ? undefined : Math.max(0, outcome.retryAt - dateMs)
  return { verdict: outcome.temporary ? "retry" : "correct", afterMs, asked: undefined }
}

/** Why this outcome is the last one, whatever the time and the budget say. */
function finalEnding(
  exchange: Exchange,
  outcome: Outcome,
  judged: Judgement,
  tries: number,
  limits: Numbers,
): Ending | undefined {
  if (outcome.kind === "failure" && outcome.code === "aborted") return "aborted"
  if (outcome.kind === "failure" && outcome.limit === "deadline") return "deadline"
  if (judged.verdict !== "retry") {
    if (judged.asked === false) return "server-says-no"
    return outcome.kind === "failure" ? "permanent" : "answered"
  }
  if (limits.attempts <= 1) return "off"
  if (tries >= limits.attempts) return "attempts"
  if (exchange.request.body?.replayable === false) return "body"
  return isReplaySafe(exchange, outcome, judged) ? undefined : "unsafe"
}

interface Plan {
  /** The least that should pass before anyone tries again. */
  readonly earliestMs: number
  /** What this call waits: not less than the server asked for, jitter only above it. Undefined when that is past the deadline. */
  readonly waitMs: number | undefined
  readonly why: string
}

function plannedWait(
  exchange: Exchange,
  judged: Judgement,
  tries: number,
  limits: Numbers,
  { clock, random }: Runtime,
): Plan {
  const { baseMs, capMs } = limits
  const floorMs = judged.afterMs ?? 0
  const roomMs = exchange.deadlineAt - clock.now() - floorMs
  return {
    earliestMs: floorMs > 0 ? floorMs : backoffMs(tries, baseMs, capMs),
    waitMs: roomMs > 0 ? floorMs + fullJitterMs(tries, baseMs, capMs, roomMs, random) : undefined,
    why: floorMs > 0 ? `the server asked for ${floorMs} ms` : "backoff",
  }
}

function tellWaiting(exchange: Exchange, waitMs: number, why: string, { events }: Runtime): void {
  const attempt = exchange.record.attempts.at(-1)
  if (attempt === undefined) return
  attempt.waitMs = waitMs
  attempt.why = why
  if (events.heard("waiting")) events.emit("waiting", { call: exchange.record, attempt, waitMs, why })
}
