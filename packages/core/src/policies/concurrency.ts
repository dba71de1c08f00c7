import { HoldTimes } from "../algorithms/hold-times.ts"
import { Keyed } from "../algorithms/keyed.ts"
import { Permits, Waiter, type QueueOrder } from "../algorithms/permits.ts"
import { VegasLimit, type VegasBounds } from "../algorithms/vegas-limit.ts"
import type { CallRecord } from "../call-record.ts"
import type { Exchange } from "../exchange.ts"
import { failure, releaseAfter, signalFailure, type Failure, type Outcome } from "../outcome.ts"
import type { Handler, Policy } from "../pipeline.ts"
import { requestKey, type KeyOf } from "../request-key.ts"
import type { Runtime } from "../runtime.ts"
import { duration, knownOptions, refuse, shown, whole } from "../validation.ts"
import { SendingTime } from "./parts/sending-time.ts"

/** What a limit does with the attempts above it. */
export interface ConcurrencyQueue {
  /** Attempts that may wait for a permit, per key; 0 rejects at once what is above the limit. Default 1000. */
  readonly size?: number | undefined
  /**
   * Who gets the next permit. "fifo": who waits longest. "lifo": who came last, and a full queue drops who waits longest:
   * under lasting overload most callers are then served at once rather than all of them too late. Default "fifo".
   */
  readonly order?: QueueOrder | undefined
  /** Milliseconds that an attempt may wait; false for as long as its deadline allows. Default false. */
  readonly maxWaitMs?: number | false | undefined
}

/** Between which numbers an adaptive limit moves. */
export interface AdaptiveConcurrency {
  /** Default 1. */
  readonly min?: number | undefined
  /** Default 200. */
  readonly max?: number | undefined
  /** What it begins with. Default 10, or what of `min` and `max` is nearest. */
  readonly initial?: number | undefined
}

/** Options of {@link concurrency}: a fixed `limit`, or an `adaptive` one. */
export type ConcurrencyOptions = {
  readonly queue?: ConcurrencyQueue | undefined
  /** What has a limit of its own. Default: each origin. */
  readonly key?: KeyOf | undefined
} & (
  | {
      /** Attempts under way at once, per key. */
      readonly limit: number
      readonly adaptive?: false | undefined
    }
  | {
      readonly limit?: undefined
      /** Finds the limit from the times that attempts take, and from signs of overload. */
      readonly adaptive: AdaptiveConcurrency | true
    }
)

/** A limit as it is at this moment. */
export interface ConcurrencyUsage {
  readonly limit: number
  /** Attempts that hold a permit. */
  readonly inFlight: number
  /** Attempts that wait for one. */
  readonly queued: number
}

/** The policy that {@link concurrency} makes, and a look at what it holds. */
export interface Concurrency extends Policy {
  /** How much of a key's limit is in use; without a `key` of yours, keys are origins: `https://api.example.com`. */
  usage(key: string): ConcurrencyUsage
}

interface Settings {
  readonly limit: number
  readonly vegas: VegasBounds | undefined
  readonly queueSize: number
  readonly order: QueueOrder
  readonly maxWaitMs: number
}

/**
 * Limits how many attempts are under way at once, per origin. What is above the limit waits in a bounded queue, in order,
 * no longer than its deadline; what finds the queue full, or cannot get its turn in time, is rejected without being sent.
 * A permit is held until the reply's body has ended and never while a retry waits.
 *
 * Use it for a server that bears only so much at once, or to keep one slow server from taking all of a program's memory
 * and sockets. For a rate (so many per second) it is the wrong tool. One policy is one limit, also where several clients
 * are given it.
 * @throws ConfigurationError for numbers out of range, or both or neither of `limit` and `adaptive`.
 */
export function concurrency(options: ConcurrencyOptions): Concurrency {
  knownOptions("concurrency", options, ["limit", "adaptive", "queue", "key"])
  const settings = settingsOf(options)
  const keyOf = requestKey("concurrency", options.key)
  const gates = new Keyed<Gate>(
    (key) => new Gate(key, settings),
    // Forgotten, its permits would be given out twice.
    ({ permits }) => permits.inFlight > 0,
  )
  return {
    name: "concurrency",
    scope: "gate",
    wrap: (next, runtime) => (exchange) => {
      const key = keyOf(exchange.request)
      // A call that renews the credentials must not wait for permits of attempts that wait for those credentials.
      const gate = gates.of(exchange.options.auth === false ? `${key} (auth: false)` : key)
      return gate.permits.take() ? send(exchange, gate, next, runtime) : queue(exchange, gate, next, runtime)
    },
    usage: (key) => gates.of(key).usage,
  }
}

function settingsOf({ limit, adaptive, queue = {} }: ConcurrencyOptions): Settings {
  const isAdaptive = adaptive !== undefined && adaptive !== false
  if ((limit !== undefined) === isAdaptive)
    refuse("concurrency", isAdaptive ? "limit beside adaptive" : "no limit", "either limit: 10 or adaptive: true")
  knownOptions("concurrency.queue", queue, ["size", "order", "maxWaitMs"])
  const { size = 1000, order = "fifo", maxWaitMs = false } = queue
  if (order !== "fifo" && order !== "lifo") refuse("concurrency.queue.order", shown(order), '"fifo" or "lifo"')
  const vegas = isAdaptive ? boundsOf(adaptive === true ? {} : adaptive) : undefined
  return {
    limit: vegas?.initial ?? whole("concurrency.limit", limit ?? 0, 1),
    vegas,
    queueSize: whole("concurrency.queue.size", size, 0),
    order,
    maxWaitMs: duration("concurrency.queue.maxWaitMs", maxWaitMs),
  }
}

function boundsOf(given: AdaptiveConcurrency): VegasBounds {
  knownOptions("concurrency.adaptive", given, ["min", "max", "initial"])
  const min = whole("concurrency.adaptive.min", given.min ?? 1, 1)
  const max = whole("concurrency.adaptive.max", given.max ?? Math.max(min, 200), min)
  const initial = whole("concurrency.adaptive.initial", given.initial ?? Math.min(max, Math.max(min, 10)), min, max)
  return { min, max, initial }
}

/** One key's limit. */
class Gate {
  readonly key: string
  readonly settings: Settings
  readonly permits: Permits
  readonly holds = new HoldTimes()
  /** Attempts that hold a permit and have gone out: a gate inside this one may hold others back. Known if adaptive. */
  atServer = 0
  readonly #vegas: VegasLimit | undefined

  constructor(key: string, settings: Settings) {
    const { limit, queueSize, order, vegas } = settings
    this.key = key
    this.settings = settings
    this.permits = new Permits(limit, queueSize, order)
    this.#vegas = vegas === undefined ? undefined : new VegasLimit(vegas)
  }

  get usage(): ConcurrencyUsage {
    const { limit, inFlight, queued } = this.permits
    return { limit, inFlight, queued }
  }

  get isAdaptive(): boolean {
    return this.#vegas !== undefined
  }

  /**
   * Lets the adaptive limit learn from how an attempt ended.
   * @param inFlight How many were at the server as it went out, itself included.
   */
  learn(outcome: Outcome, beganAt: number, inFlight: number, record: CallRecord, { clock, events }: Runtime): void {
    const vegas = this.#vegas
    if (vegas === undefined) return
    const now = clock.now()
    const what = meaning(outcome)
    if (what === "dropped") vegas.dropped(beganAt, now)
    else if (what !== "nothing") vegas[what](beganAt, now, inFlight)
    const { limit, why } = vegas
    if (limit === this.permits.limit) return
    this.permits.resize(limit)
    if (!events.heard("changed")) return
    const key = record.redact(this.key)
    events.emit("changed", { policy: "concurrency", key, state: "limit", why, numbers: { ...this.usage } })
  }
}

/**
 * What an outcome says about the load. A server's error is often quicker than its work, and a broken connection slower:
 * neither time counts. An end set by the caller or the deadline is no fault of the server's, but those who give up are
 * those who waited longest: without them, times would look the better the worse they are.
 */
function meaning(outcome: Outcome): "served" | "dropped" | "cutOff" | "nothing" {
  if (outcome.kind === "reply") {
    if (outcome.status === 429 || outcome.status === 503) return "dropped"
    return outcome.status < 500 ? "served" : "nothing"
  }
  if (outcome.code === "aborted" || outcome.limit === "deadline") return "cutOff"
  return outcome.code === "timeout" ? "dropped" : "nothing"
}

/** Whether what it took says how long a permit is held: not when it was not sent, or given up by its caller. */
function countsAsHeld(outcome: Outcome): boolean {
  return outcome.kind === "reply" || (outcome.code !== "rejected" && outcome.code !== "aborted")
}

/** Sends an attempt that has a permit, and gives that back when all of the attempt is over. */
async function send(exchange: Exchange, gate: Gate, next: Handler, runtime: Runtime): Promise<Outcome> {
  const { signal, record } = exchange
  const { clock } = runtime
  const beganAt = clock.now()
  let inFlight = 0
  let outcome: Outcome | undefined
  let isHeld = true
  const goesOut = (): void => {
    if (isHeld) inFlight = ++gate.atServer
  }
  const sent = gate.isAdaptive ? new SendingTime(clock, exchange.watch, goesOut) : undefined
  const release = (): void => {
    if (!isHeld) return
    isHeld = false
    signal?.removeEventListener("abort", release)
    if (outcome !== undefined && countsAsHeld(outcome)) gate.holds.note(clock.now() - beganAt)
    if (inFlight > 0) gate.atServer--
    gate.permits.release()
  }
  try {
    outcome = await next(sent === undefined ? exchange : { ...exchange, watch: sent })
  } catch (defect) {
    release()
    throw defect
  }
  if (sent?.at !== undefined) gate.learn(outcome, sent.at, inFlight, record, runtime)
  releaseAfter(outcome, release)
  // A body that breaks off with its signal ends for its reader only, who may never look at it again.
  if (isHeld && signal?.aborted === true) release()
  if (isHeld) signal?.addEventListener("abort", release)
  return outcome
}

/** Lets an attempt wait for its permit, or rejects it. */
async function queue(exchange: Exchange, gate: Gate, next: Handler, runtime: Runtime): Promise<Outcome> {
  const { signal } = exchange
  const { permits, holds, settings } = gate
  if (signal?.aborted === true) return signalFailure(signal.reason)
  const roomMs = Math.min(settings.maxWaitMs, exchange.deadlineAt - runtime.clock.now())
  if (roomMs <= 0) return reject(exchange, gate, "no time is left to wait", runtime)
  if (holds.leastMs(permits.ahead, permits.limit) > roomMs)
    return reject(exchange, gate, `its turn would not come within ${Math.ceil(roomMs)} ms`, runtime)
  return (await turn(exchange, gate, roomMs, runtime)) ?? send(exchange, gate, next, runtime)
}

/** Resolves with nothing when the attempt has a permit, or with why it gets none. */
function turn(exchange: Exchange, gate: Gate, roomMs: number, runtime: Runtime): Promise<Failure | undefined> {
  const { signal, record } = exchange
  const { permits, holds, settings } = gate
  const { clock, events } = runtime
  const waitMs = Math.min(roomMs, holds.expectedMs(permits.ahead, permits.limit))
  const untilMs = clock.now() + roomMs
  return new Promise((resolve) => {
    let callOff = (): void => {}
    const end = (failed?: Failure): void => {
      callOff()
      signal?.removeEventListener("abort", abort)
      permits.leave(waiter)
      resolve(failed)
    }
    const fail = (why: string): void => end(reject(exchange, gate, why, runtime))
    const expire = (): void => fail(`it waited ${Math.ceil(roomMs)} ms`)
    const abort = (): void => end(signalFailure(signal?.reason))
    // Of many calls with one deadline, those that end by it free their permits a moment before the others are due.
    const offered = (): boolean => {
      const isInTime = clock.now() < untilMs
      if (isInTime) end()
      else expire()
      return isInTime
    }
    const waiter = new Waiter(offered, () => fail("a later one took its place in the queue"))
    if (!permits.enqueue(waiter)) return fail(`queue.size is ${settings.queueSize}`)
    callOff = clock.after(roomMs, expire)
    signal?.addEventListener("abort", abort)
    if (events.heard("held"))
      events.emit("held", { call: record, policy: "concurrency", key: record.redact(gate.key), waitMs })
  })
}

function reject({ record }: Exchange, gate: Gate, why: string, { events }: Runtime): Failure {
  const { inFlight, limit, queued } = gate.permits
  // A key of the user's own making may hold a credential.
  const key = record.redact(gate.key)
  if (events.heard("rejected")) events.emit("rejected", { call: record, policy: "concurrency", key, why })
  return failure(
    "rejected",
    `concurrency() is full for ${key}: ${inFlight} of ${limit} under way, ${queued} waiting; ${why}`,
  )
}
