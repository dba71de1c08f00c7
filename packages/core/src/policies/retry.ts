import { backoffMs, fullJitterMs } from "../algorithms/backoff.ts"
import { RetryBudget, type BudgetOptions } from "../algorithms/retry-budget.ts"
import type { Ending } from "../call-record.ts"
import { pause } from "../cancellation.ts"
import { ACCEPTED, contract, isServed, judge, type Contract, type Judgement } from "../contract.ts"
import type { Exchange, RetryOverride } from "../exchange.ts"
import { signalFailure, type Outcome, type Reply } from "../outcome.ts"
import type { Handler, Policy } from "../pipeline.ts"
import { isReplaySafe } from "../replay-safety.ts"
import type { Clock, Runtime } from "../runtime.ts"
import { checked, knownOptions, whole } from "../validation.ts"
import { payFrom, payIn } from "./parts/told-budget.ts"

/** Options of {@link retry}. */
export interface RetryOptions extends RetryOverride {
  /** How many retries successes pay for, per origin; one made by `retryBudget()` can be shared; false for no budget. */
  readonly budget?: BudgetOptions | RetryBudget | false | undefined
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
  knownOptions("retry", options, [...Object.keys(DEFAULTS), "budget", "contract"])
  const { budget, contract: table, ...own } = options
  const usual = numbers(own, DEFAULTS)
  const purse = budget === false ? undefined : budget instanceof RetryBudget ? budget : retryBudget(budget)
  const usualContract = contract(table)
  return {
    name: "retry",
    scope: "repeater",
    wrap: (next, runtime) => (exchange) => {
      const { retry: override, contract: row } = exchange.options
      const limits = override === undefined ? usual : numbers(override || { attempts: 1 }, usual)
      return repeat(exchange, next, runtime, limits, row === undefined ? usualContract : contract(row), purse)
    },
  }
}

function numbers(given: RetryOverride, usual: Numbers): Numbers {
  knownOptions("retry", given, Object.keys(usual))
  const number = (name: keyof Numbers, least: number): number =>
    checked(`retry.${name}`, given[name] ?? usual[name], least)
  return {
    attempts:
      given.attempts === Number.POSITIVE_INFINITY
        ? given.attempts
        : whole("retry.attempts", given.attempts ?? usual.attempts, 1),
    baseMs: number("baseMs", 0),
    capMs: number("capMs", 0),
    maxWaitMs: number("maxWaitMs", 0),
  }
}

/**
 * A budget that retries and hedges can share: give it to both.
 * @throws ConfigurationError for numbers out of range.
 */
export function retryBudget(given: BudgetOptions = {}): RetryBudget {
  knownOptions("retry.budget", given, ["perSuccess", "capacity"])
  const { perSuccess = 0.15, capacity = 10 } = given
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
  const { record, signal } = exchange
  const { clock, events } = runtime
  let lastReply: Reply | undefined
  let waitedMs = 0
  for (let tries = 1; ; tries++) {
    const outcome = await next(exchange)
    const judged = judgeOutcome(table, outcome, clock)
    if (budget !== undefined && isServed(outcome, judged)) payIn(budget, "retry", exchange, events)
    record.verdict = judged.verdict
    if (judged === ACCEPTED) {
      record.ending = "answered"
      record.retryAt = undefined
      return outcome
    }
    const elsewhereMs = outcome.kind === "reply" ? outcome.elsewhereAfterMs : undefined
    const floorMs = elsewhereMs ?? judged.afterMs ?? 0
    const { baseMs, capMs } = limits
    const roomMs = exchange.deadlineAt - clock.now() - floorMs
    // Never less than the server asked for: jitter only above it.
    const waitMs = floorMs + fullJitterMs(tries, baseMs, capMs, roomMs, runtime.random)
    record.retryAt =
      judged.verdict === "retry" ? clock.date() + (floorMs || backoffMs(tries, baseMs, capMs)) : undefined
    record.ending = finalEnding(exchange, outcome, judged, tries, limits)
    if (roomMs <= 0) record.ending ??= "deadline"
    if (waitedMs + waitMs > limits.maxWaitMs) record.ending ??= "wait"
    // Asked after all else, so that no token is spent on a retry that does not happen.
    if (record.ending === undefined && budget !== undefined && !payFrom(budget, "retry", exchange, events))
      record.ending = "budget"
    if (record.ending !== undefined) return lastWord(outcome, lastReply)
    if (outcome.kind === "reply") {
      // A buffered reply holds nothing open and may yet be the last; a stream is let go before the next attempt.
      if (outcome.body.bytes === undefined) outcome.body.discard()
      else lastReply = outcome
    }
    waitedMs += waitMs
    tellWaiting(exchange, waitMs, floorMs, runtime)
    await pause(clock, waitMs, signal)
    if (signal?.aborted === true) {
      const cut = signalFailure(signal.reason)
      record.ending = cut.code === "aborted" ? "aborted" : "deadline"
      return lastWord(cut, lastReply)
    }
  }
}

/** The last real reply is never lost to a later attempt that got none; one whose body was too long did get one. */
function lastWord(outcome: Outcome, lastReply: Reply | undefined): Outcome {
  const hasNone = outcome.kind === "failure" && outcome.code !== "aborted" && outcome.code !== "too-large"
  return hasNone ? (lastReply ?? outcome) : outcome
}

function judgeOutcome(table: Contract, outcome: Outcome, clock: Clock): Judgement {
  if (outcome.kind === "reply") return judge(table, outcome, clock)
  const { temporary, retryAt } = outcome
  const afterMs = retryAt === undefined ? 0 : Math.max(0, retryAt - clock.date())
  return { verdict: temporary ? "retry" : "correct", afterMs, asked: undefined }
}

/** Why this outcome is the last one, whatever the time and the budget say. */
function finalEnding(
  exchange: Exchange,
  outcome: Outcome,
  judged: Judgement,
  tries: number,
  { attempts }: Numbers,
): Ending | undefined {
  const failed = outcome.kind === "failure"
  if (failed && outcome.code === "aborted") return "aborted"
  if (failed && outcome.limit === "deadline") return "deadline"
  // A gate waits by itself where it was asked to: what it rejects is not tried again behind its back.
  if (failed && outcome.code === "rejected") return "rejected"
  if (judged.verdict !== "retry") return judged.asked === false ? "server-says-no" : failed ? "permanent" : "answered"
  if (attempts <= 1) return "off"
  if (tries >= attempts) return "attempts"
  if (exchange.request.body?.replayable === false) return "body"
  return isReplaySafe(exchange, outcome, judged) ? undefined : "unsafe"
}

function tellWaiting({ record }: Exchange, waitMs: number, askedMs: number, { events }: Runtime): void {
  const attempt = record.attempts.at(-1)
  if (attempt === undefined) return
  const why = askedMs > 0 ? `the server asked for ${askedMs} ms` : "backoff"
  attempt.waitMs = waitMs
  attempt.why = why
  if (events.heard("waiting")) events.emit("waiting", { call: record, attempt, waitMs, askedMs, why })
}
