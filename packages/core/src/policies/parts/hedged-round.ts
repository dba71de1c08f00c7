import type { LatencyQuantile } from "../../algorithms/latency-quantile.ts"
import type { RetryBudget } from "../../algorithms/retry-budget.ts"
import { Cancellation } from "../../cancellation.ts"
import { isServed, judge, type Contract, type Judgement } from "../../contract.ts"
import type { Exchange } from "../../exchange.ts"
import { discard, failure, releaseAfter, signalFailure, type Outcome } from "../../outcome.ts"
import type { Handler } from "../../pipeline.ts"
import type { Runtime } from "../../runtime.ts"
import { payFrom, payIn } from "./told-budget.ts"

/** How one exchange is hedged. */
export interface HedgePlan {
  /** The most hedges; 0 only measures. */
  readonly hedges: number
  readonly delayMs: number
  readonly contract: Contract
  readonly budget: RetryBudget | undefined
  /** Whether answers pay into the budget; else someone else sees to that. */
  readonly deposits: boolean
  /** Told how long the first attempt took; undefined when nobody wants to know. */
  readonly latency: LatencyQuantile | undefined
}

/** Carries out an exchange with hedges: resolves with the first answer, or with the best of what came in its stead. */
export function hedgedRound(exchange: Exchange, next: Handler, runtime: Runtime, plan: HedgePlan): Promise<Outcome> {
  return new Promise((resolve, reject) => new HedgedRound(exchange, next, runtime, plan, resolve, reject).begin())
}

const ANSWERED = failure("aborted", "given up: another attempt was answered first")
const DEFECT = failure("aborted", "given up: another attempt failed by a defect")

/** What came in place of an answer; of two, the better one is kept. */
interface Candidate {
  readonly outcome: Outcome
  readonly worth: number
  /** When the server wants to be asked again, by the clock's `now()`. */
  readonly againAt: number
  /** When the next attempt can go out, wherever it goes, by all that has come so far. */
  readonly soonestAt: number
}

class HedgedRound {
  readonly #exchange: Exchange
  readonly #next: Handler
  readonly #runtime: Runtime
  readonly #plan: HedgePlan
  readonly #resolve: (outcome: Outcome) => void
  readonly #reject: (defect: unknown) => void
  readonly #running: Cancellation[] = []
  readonly #startedAt: number
  readonly #startDate: number
  readonly #recordedBefore: number
  #recordedAtSending = 0
  #hedgesSent = 0
  #mayHedge: boolean
  #first: Cancellation | undefined
  /** How long the first attempt took until it failed. */
  #firstFailedMs: number | undefined
  #best: Candidate | undefined
  #isOver = false
  #disarm: (() => void) | undefined

  constructor(
    exchange: Exchange,
    next: Handler,
    runtime: Runtime,
    plan: HedgePlan,
    resolve: (outcome: Outcome) => void,
    reject: (defect: unknown) => void,
  ) {
    this.#exchange = exchange
    this.#next = next
    this.#runtime = runtime
    this.#plan = plan
    this.#resolve = resolve
    this.#reject = reject
    this.#mayHedge = plan.hedges > 0
    this.#startedAt = runtime.clock.now()
    this.#startDate = runtime.clock.date()
    this.#recordedBefore = exchange.record.attempts.length
  }

  begin(): void {
    this.#first = this.#send()
    this.#arm(this.#plan.delayMs)
  }

  #send(): Cancellation {
    const cancellation = new Cancellation(this.#exchange.signal)
    this.#running.push(cancellation)
    this.#recordedAtSending = this.#exchange.record.attempts.length
    void this.#attempt(cancellation)
    return cancellation
  }

  async #attempt(cancellation: Cancellation): Promise<void> {
    try {
      const outcome = await this.#next({ ...this.#exchange, signal: cancellation })
      this.#ended(
        cancellation,
        releaseAfter(outcome, () => cancellation.release()),
      )
    } catch (defect) {
      cancellation.release()
      if (this.#isOver) return
      this.#over(cancellation, DEFECT)
      this.#reject(defect)
    }
  }

  #arm(delayMs: number): void {
    if (!this.#mayHedge || this.#isOver) return
    this.#disarm = this.#runtime.clock.after(delayMs, () => this.#due())
  }

  #due(): void {
    const { delayMs } = this.#plan
    // What a gate holds back inside is not slow: a hedge would only wait behind it.
    if (this.#exchange.record.attempts.length === this.#recordedAtSending) return this.#arm(delayMs)
    const earlyMs = this.#hedgesSent === 0 ? delayMs - this.#firstTookMs() : 0
    if (earlyMs > 1) return this.#arm(earlyMs)
    this.#hedge()
    this.#arm(delayMs)
  }

  #hedge(): void {
    const { request, record } = this.#exchange
    const { events } = this.#runtime
    const { budget, deposits } = this.#plan
    // A stream that is sent can be asked for `replayable` too early: the first attempt may not have begun to read it.
    const canRepeat = request.body === null || (request.body.replayable && request.body.discard === undefined)
    const payer = deposits ? "hedge" : "retry"
    const isPaid = canRepeat && (budget === undefined || payFrom(budget, payer, this.#exchange, events))
    if (!isPaid) return this.#stopHedging()
    this.#hedgesSent++
    this.#mayHedge = this.#hedgesSent < this.#plan.hedges
    if (events.heard("hedged")) events.emit("hedged", { call: record, afterMs: this.#firstTookMs() })
    this.#send()
  }

  /** How long the first attempt has been on the wire. */
  #firstTookMs(): number {
    const { clock } = this.#runtime
    const sent = this.#exchange.record.attempts[this.#recordedBefore]
    const heldMs = sent === undefined ? 0 : sent.startedAt - this.#startDate
    // The time of day counts whole milliseconds, and may be set anew.
    return clock.now() - this.#startedAt - (heldMs > 1 ? heldMs : 0)
  }

  #ended(cancellation: Cancellation, outcome: Outcome): void {
    if (this.#isOver) return discard(outcome)
    const { signal } = this.#exchange
    const judged = outcome.kind === "reply" ? judge(this.#plan.contract, outcome, this.#runtime.clock) : undefined
    if (judged !== undefined && judged.verdict !== "retry" && !this.#isEcho(outcome)) {
      if (isServed(outcome, judged)) this.#measure(cancellation)
      return this.#settle(cancellation, outcome)
    }
    if (cancellation === this.#first) this.#firstFailedMs = this.#firstTookMs()
    this.#running.splice(this.#running.indexOf(cancellation), 1)
    this.#keep(outcome, judged)
    if (signal?.aborted === true && signalFailure(signal.reason).code === "aborted")
      return this.#settle(cancellation, signalFailure(signal.reason))
    if (!bringsHedgeForward(outcome, judged) || signal?.aborted === true) this.#stopHedging()
    else if (this.#mayHedge) this.#hedgeNow()
    if (this.#running.length === 0) this.#settle(cancellation, this.#best?.outcome ?? outcome)
  }

  #stopHedging(): void {
    this.#mayHedge = false
    this.#disarm?.()
  }

  #hedgeNow(): void {
    this.#disarm?.()
    this.#hedge()
    this.#arm(this.#plan.delayMs)
  }

  /**
   * The server's word that another attempt with the same key is in progress
   * (draft-ietf-httpapi-idempotency-key-header, section 2.6): nothing that the caller should hear of.
   */
  #isEcho(outcome: Outcome): boolean {
    // These two are hedged with a key only.
    return (
      outcome.kind === "reply" &&
      outcome.status === 409 &&
      this.#hedgesSent > 0 &&
      ["POST", "PATCH"].includes(this.#exchange.request.method)
    )
  }

  /** Keeps the better one of what came in place of an answer: a reply before a failure, the one that names the later time, the later one. */
  #keep(outcome: Outcome, judged: Judgement | undefined): void {
    const nowMs = this.#runtime.clock.now()
    const elsewhereMs = outcome.kind === "reply" ? outcome.elsewhereAfterMs : undefined
    const worth = outcome.kind === "reply" ? (judged?.verdict === "retry" ? 3 : 1) : outcome.code === "rejected" ? 0 : 2
    const againAt = nowMs + (judged?.afterMs ?? 0)
    const best = this.#best
    const isBetter = best === undefined || worth > best.worth || (worth === best.worth && againAt >= best.againAt)
    // What one reply says about elsewhere does not know yet what elsewhere has said since.
    const soonestAt = Math.max(best?.soonestAt ?? nowMs, nowMs + (elsewhereMs ?? judged?.afterMs ?? 0))
    const kept = isBetter ? { outcome, worth, againAt } : best
    const other = isBetter ? best?.outcome : outcome
    this.#best = { ...kept, outcome: notBefore(kept.outcome, soonestAt - nowMs), soonestAt }
    if (other !== undefined) discard(other)
  }

  /** An attempt that was given up, or failed, had not been answered by then: that is known of it. */
  #measure(answered: Cancellation): void {
    const { latency, budget, deposits } = this.#plan
    latency?.add(this.#firstFailedMs ?? this.#firstTookMs(), answered !== this.#first)
    if (deposits && budget !== undefined) payIn(budget, "hedge", this.#exchange, this.#runtime.events)
  }

  #settle(by: Cancellation, outcome: Outcome): void {
    this.#over(by, ANSWERED)
    if (this.#best !== undefined && this.#best.outcome !== outcome) discard(this.#best.outcome)
    this.#resolve(outcome)
  }

  /** Ends what is under way, but for this one, without waiting for it. */
  #over(but: Cancellation, reason: unknown): void {
    this.#isOver = true
    this.#disarm?.()
    for (const other of this.#running) if (other !== but) other.cancel(reason)
  }
}

/** Overload and what time does not heal are no reason to send more at once, nor is a server that names a time or says no. */
function bringsHedgeForward(outcome: Outcome, judged: Judgement | undefined): boolean {
  if (outcome.kind === "failure") {
    return outcome.temporary && !["rejected", "timeout"].includes(outcome.code) && outcome.retryAt === undefined
  }
  return judged?.verdict === "retry" && judged.afterMs === undefined && ![429, 503].includes(outcome.status)
}

/** With the time after which another server can take over, where it names one. */
function notBefore(outcome: Outcome, elsewhereAfterMs: number): Outcome {
  const isNamed = outcome.kind === "reply" && outcome.elsewhereAfterMs !== undefined
  return isNamed ? { ...outcome, elsewhereAfterMs: Math.max(0, elsewhereAfterMs) } : outcome
}
