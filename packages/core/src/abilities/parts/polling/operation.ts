import { retryAfterMs } from "../../../algorithms/retry-after.ts"
import type { Call } from "../../../call.ts"
import type { CallOutcome, Success } from "../../../call-outcome.ts"
import { ABORTED, Cancellation, pause, untilAborted, untilSettled, type Signal } from "../../../cancellation.ts"
import type { Reading } from "../../../exchange.ts"
import type { OperationError } from "../../../operation-error.ts"
import { failure } from "../../../outcome.ts"
import { ReceivedReply } from "../../../received-reply.ts"
import type { Runtime } from "../../../runtime.ts"
import { refuse, shown } from "../../../validation.ts"
import { objection } from "../origins.ts"
import { briefCall, isTooLong, jsonOf, monitorCall } from "./monitor-call.ts"
import { namedMonitor, resolved, type Monitor } from "./monitor.ts"
import { operationError, type Trouble } from "./operation-trouble.ts"
import { operationStatus, type OperationStatus, type OperationStanding } from "./operation-status.ts"
import type { PollPlan } from "./poll-options.ts"

/** The shortest wait, whatever the server says: "Retry-After: 0" is no invitation to ask without a break. */
const SHORTEST_WAIT_MS = 100

/** The most that chance adds to a wait, so that many clients do not ask at the same time. */
const MOST_JITTER_MS = 1000

const RUNNING: OperationStatus = { state: undefined, standing: "running" }

/** A reply, what it says, and where to ask next. */
interface Look {
  readonly reply: Success
  readonly status: OperationStatus
  readonly monitor: Monitor | undefined
}

type Why = Pick<Trouble, "reason" | "afterMs" | "objection"> & Partial<Pick<Trouble, "monitor">>

/** One long operation, from the call that begins it to its result. */
export class Operation {
  readonly #call: Call
  readonly #plan: PollPlan
  readonly #reading: Reading
  readonly #accept: string | undefined
  readonly #signal: Signal | undefined
  readonly #runtime: Runtime
  readonly #startedAt: number
  /** Ends everything: by the caller's signal, or at the deadline. */
  readonly #ends: Cancellation
  /** Where the first reply says that the result will be, besides the monitor. */
  #resultUrl: string | undefined

  constructor(call: Call, plan: PollPlan, reading: Reading, accept: string | undefined, signal: Signal | undefined) {
    this.#call = call
    this.#plan = plan
    this.#reading = reading
    this.#accept = accept
    this.#signal = signal
    this.#runtime = call.context.runtime
    this.#startedAt = this.#runtime.clock.now()
    this.#ends = new Cancellation(signal)
  }

  /** The reply of the whole. @throws OperationError; the reason of the signal. */
  async outcome(): Promise<CallOutcome> {
    const { deadlineMs } = this.#plan
    const expired = failure("timeout", `the deadline of ${deadlineMs} ms came`, undefined, { limit: "deadline" })
    const stop = this.#runtime.clock.after(deadlineMs, () => this.#ends.cancel(expired))
    try {
      return await this.#run()
    } finally {
      stop()
      this.#ends.release()
    }
  }

  async #run(): Promise<CallOutcome> {
    const { context } = this.#call
    const streams = this.#reading === "stream"
    // A monitor that is asked right away may have a large result already.
    const isTakenUp = streams && /^get$/i.test(context.method)
    const call = isTakenUp ? briefCall(context) : this.#call
    const first = await call.outcome({ accept: this.#accept, signal: this.#ends })
    if (isTakenUp && isTooLong(first)) return this.#fetched(this.#call)
    if (first.kind !== "success") return first
    let look = await this.#firstLook(first)
    for (let count = 1; look.status.standing === "running"; count++) {
      const { monitor } = look
      if (monitor === undefined) throw await this.#error(look, { reason: "no-monitor" })
      await this.#checkOrigin(monitor.url, look)
      await this.#wait(look, count)
      const next = monitorCall(context, monitor.url, streams)
      const outcome = await this.#inTime(next.outcome({ accept: this.#accept, signal: this.#ends }), look)
      if (streams && isTooLong(outcome))
        return this.#inTime(this.#fetched(monitorCall(context, monitor.url, false)), look)
      if (outcome.kind !== "success") return outcome
      look = await this.#look(outcome, monitor)
    }
    return this.#result(look)
  }

  /** What the reply to the call itself says. */
  async #firstLook(reply: Success): Promise<Look> {
    const { context } = this.#call
    const { method } = context
    const given = await this.#told(reply, this.#plan.monitor)
    if (given !== undefined) {
      const url = resolved(given, reply.url) ?? refuse("poll.monitor", shown(given), "an http(s) URL")
      return { reply, status: RUNNING, monitor: { url, isMonitor: false } }
    }
    if (/^get$/i.test(method)) return this.#look(reply, { url: context.address(), isMonitor: false })
    // Redirected to a monitor.
    if (reply.attempts.at(-1)?.method === "GET") return this.#look(reply, { url: reply.url, isMonitor: false }, false)
    const status = operationStatus(await jsonOf(reply), false)
    const isRunning = status.standing === "running" || (reply.status === 202 && status.standing !== "failed")
    const monitor = namedMonitor(reply, isRunning)
    if (monitor?.isMonitor === true && /^post$/i.test(method))
      this.#resultUrl = resolved(reply.headers.get("location"), reply.url)
    return { reply, status: monitor !== undefined || isRunning ? { ...status, standing: "running" } : status, monitor }
  }

  /** What a reply of the monitor says. @param leadsOn Whether a 303 on the way to it leads to the result. */
  async #look(reply: Success, monitor: Monitor, leadsOn = true): Promise<Look> {
    const { state, standing } = operationStatus(await jsonOf(reply), monitor.isMonitor)
    const say = (standing: OperationStanding | undefined): Look => ({ reply, status: { state, standing }, monitor })
    const { until } = this.#plan
    if (until !== undefined) return say(checkedStanding(await this.#told(reply, until)))
    // The result's own members say nothing of the operation.
    if (leadsOn && reply.attempts.some(({ status }) => status === 303)) return say("done")
    if (reply.status === 202 && standing !== "failed")
      return { ...say("running"), monitor: { ...monitor, ...namedMonitor(reply, true) } }
    const named = resolved(reply.headers.get("location"), reply.url) ?? this.#resultUrl
    return say(standing === "done" && named !== undefined && named !== monitor.url ? { result: named } : standing)
  }

  async #result(look: Look): Promise<CallOutcome> {
    const { reply, status } = look
    if (status.standing === "failed") throw await this.#error(look, { reason: "failed" })
    if (typeof status.standing !== "object") return reply
    const { result } = status.standing
    const url = resolved(result, reply.url) ?? refuse("poll.result", shown(result), "an http(s) URL")
    await this.#checkOrigin(url, look)
    return this.#inTime(this.#fetched(monitorCall(this.#call.context, url, false)), look)
  }

  /** Waits until the monitor may be asked. */
  async #wait(look: Look, count: number): Promise<void> {
    const { clock, random } = this.#runtime
    const { baseMs, capMs, deadlineMs, onProgress } = this.#plan
    const { reply, status } = look
    const asked = retryAfterMs((name) => reply.headers.get(name), clock.date())
    const leastMs = Math.max(SHORTEST_WAIT_MS, asked ?? Math.min(capMs, baseMs * 1.5 ** (count - 1)))
    const elapsedMs = clock.now() - this.#startedAt
    const roomMs = deadlineMs - elapsedMs - leastMs
    if (roomMs <= 0) throw await this.#error(look, { reason: "deadline", afterMs: leastMs })
    // Never less than the server asked for: jitter only above it.
    const waitMs = leastMs + random() * Math.min(leastMs / 10, MOST_JITTER_MS, roomMs)
    onProgress?.({ reply, state: status.state, count, elapsedMs, waitMs })
    await pause(clock, waitMs, this.#ends)
    if (this.#ends.aborted) throw await this.#cut(look)
  }

  /** What a server writes into a header could lead anywhere. */
  async #checkOrigin(url: string, look: Look): Promise<void> {
    const why = objection(this.#plan.reach, url)
    if (why !== undefined) throw await this.#error(look, { reason: "other-origin", monitor: url, objection: why })
  }

  /** The result, as it is wanted. A stream outlives the operation: from its headers on it ends by the caller's signal alone. */
  #fetched(call: Call): Promise<CallOutcome> {
    const reading = this.#reading
    const send = (signal: Signal): Promise<CallOutcome> => call.outcome({ reading, accept: this.#accept, signal })
    if (reading === "buffer") return send(this.#ends)
    return untilSettled(this.#signal, this.#ends, send, (outcome, release) =>
      outcome instanceof ReceivedReply ? outcome.onEnd(release) : release(),
    )
  }

  /** An outcome that was not cut short by the deadline of the whole. */
  async #inTime(outcome: Promise<CallOutcome>, look: Look): Promise<CallOutcome> {
    const ended = await outcome
    if (ended.kind !== "success" && this.#ends.aborted) throw await this.#cut(look)
    return ended
  }

  /** What a function of the user's says of a reply; nobody waits for it once all is over. */
  async #told<T>(reply: Success, tell: ((reply: Success) => T | Promise<T>) | undefined): Promise<T | undefined> {
    if (tell === undefined) return undefined
    const told = await untilAborted(Promise.resolve(tell(reply)), this.#ends)
    if (told === ABORTED) throw await this.#cut({ reply, status: RUNNING, monitor: undefined })
    return told
  }

  /** The reason of the signal, or the error for the deadline. */
  async #cut(look: Look): Promise<unknown> {
    if (this.#signal?.aborted === true) return this.#signal.reason
    return this.#error(look, { reason: "deadline", afterMs: 0 })
  }

  #error({ reply, status: { state }, monitor }: Look, why: Why): Promise<OperationError> {
    return operationError(this.#call.context, this.#plan.deadlineMs, { reply, state, monitor: monitor?.url, ...why })
  }
}

function checkedStanding(given: OperationStanding | undefined): OperationStanding {
  if (given === "running" || given === "done" || given === "failed") return given
  if (typeof given === "object" && given !== null && "result" in given) return given
  return refuse("poll.until", shown(given), '"running", "done", "failed" or { result: url }')
}
