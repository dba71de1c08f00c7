import { FairQueue } from "../../algorithms/fair-queue.ts"
import { PacedRate, type FixedRate, type Sent, type Sign } from "../../algorithms/paced-rate.ts"
import type { Exchange, Outgoing } from "../../exchange.ts"
import { failure, signalFailure, type Failure, type Outcome } from "../../outcome.ts"
import type { Handler } from "../../pipeline.ts"
import type { Clock, Runtime } from "../../runtime.ts"
import { rateSign } from "./rate-sign.ts"

/** The checked options of pace(). */
export interface PaceSettings {
  readonly fixed: FixedRate | undefined
  readonly maxPauseMs: number
  readonly queueSize: number
  readonly maxWaitMs: number
  readonly shareOf: ((request: Outgoing) => string) | undefined
}

/** One that waits for its turn. */
interface Waiter {
  readonly share: string
  /** When its turn would come too late. */
  readonly startBy: number
  settle(end: Sent | Failure): void
  reject(why: string, waitMs: number): Failure
}

/** A timer may be late by so much without slowing the rate down: what fell due meanwhile goes with it. */
const MOST_LATE_MS = 20

/** The least step in time: below it sums of instants would not grow. */
const LEAST_STEP_MS = 0.001

/** One key's rate, and who waits for it. */
export class PaceGate {
  readonly #key: string
  readonly #settings: PaceSettings
  readonly #rate: PacedRate
  readonly #queue = new FairQueue<Waiter>()
  #clock: Clock | undefined
  /** When the first in the queue is due: after that it goes as if no timer were ever late. */
  #dueAt: number | undefined
  #isArmed = false
  #callOff: () => void = () => {}

  constructor(key: string, settings: PaceSettings) {
    this.#key = key
    this.#settings = settings
    this.#rate = new PacedRate(settings.fixed, settings.maxPauseMs)
  }

  get perSecond(): number {
    return this.#rate.perSecond(this.#clock?.now() ?? 0)
  }

  /** Whether it holds anyone back, or would hold back who comes now, or later for what was sent or refused before. */
  get isInUse(): boolean {
    return this.#queue.size > 0 || this.#rate.isInUse(this.#clock?.now() ?? 0)
  }

  pass(exchange: Exchange, next: Handler, runtime: Runtime): Promise<Outcome> {
    const now = runtime.clock.now()
    this.#clock = runtime.clock
    if (this.#queue.size > 0 || this.#rate.waitMs(now) > 0) return this.#wait(exchange, next, runtime)
    return this.#send(this.#rate.take(now), exchange, next, runtime)
  }

  async #send(sent: Sent, exchange: Exchange, next: Handler, runtime: Runtime): Promise<Outcome> {
    let outcome: Outcome
    try {
      outcome = await next(exchange)
    } finally {
      this.#rate.ended()
    }
    if (outcome.kind === "reply") this.#learn(sent, rateSign(outcome, runtime.clock), exchange, runtime)
    return outcome
  }

  #learn(sent: Sent, sign: Sign, { record }: Exchange, { clock, random, events }: Runtime): void {
    const now = clock.now()
    const { size } = this.#queue
    const before = size === 0 ? 0 : this.#rate.waitMs(now, size)
    const change = this.#rate.note(sent, sign, now, random)
    if (change !== undefined && events.heard("changed")) {
      const numbers = { perSecond: this.#rate.perSecond(now), pauseMs: this.#rate.pauseMs(now) }
      const key = record.redact(this.#key)
      events.emit("changed", { policy: "pace", key, state: change, why: WHY[change], numbers })
    }
    if (size === 0) return
    if (this.#rate.waitMs(now, size) > before) this.#rejectTheLate(now)
    this.#letGo(clock)
  }

  async #wait(exchange: Exchange, next: Handler, runtime: Runtime): Promise<Outcome> {
    const { signal, record, deadlineAt, request } = exchange
    const { clock, events } = runtime
    const { queueSize, maxWaitMs, shareOf } = this.#settings
    if (signal?.aborted === true) return signalFailure(signal.reason)
    const share = shareOf?.(request) ?? ""
    const now = clock.now()
    const waitMs = this.#rate.waitMs(now, this.#queue.ahead(share) + 1)
    const reject = (why: string, againInMs: number): Failure => this.#reject(exchange, why, againInMs, runtime)
    const startBy = Math.min(deadlineAt, now + maxWaitMs)
    if (now + waitMs >= startBy) return reject(this.#whyLate(now), waitMs)
    if (this.#queue.size >= queueSize) {
      const displaced = this.#queue.displaced(share)
      if (displaced === undefined) return reject(`${queueSize} attempts wait already`, waitMs)
      this.#queue.remove(displaced.share, displaced)
      displaced.settle(displaced.reject(`${queueSize} attempts wait already, and most of them for the same`, waitMs))
    }
    if (events.heard("held"))
      events.emit("held", { call: record, policy: "pace", key: record.redact(this.#key), waitMs })
    const end = await this.#turn(share, startBy, reject, exchange, clock)
    return "kind" in end ? end : this.#send(end, exchange, next, runtime)
  }

  /** Queues up until it is sent, given up or rejected. */
  #turn(
    share: string,
    startBy: number,
    reject: Waiter["reject"],
    { signal }: Exchange,
    clock: Clock,
  ): Promise<Sent | Failure> {
    return new Promise((resolve) => {
      const settle = (result: Sent | Failure): void => {
        callOff()
        signal?.removeEventListener("abort", abort)
        resolve(result)
      }
      const waiter: Waiter = { share, startBy, reject, settle }
      const leave = (result: Failure): void => {
        this.#queue.remove(share, waiter)
        settle(result)
        this.#letGo(clock)
      }
      const abort = (): void => leave(signalFailure(signal?.reason))
      // What seemed to be in time may turn out not to be: how long a server refuses is not known beforehand.
      const late = (): void => leave(reject(this.#whyLate(clock.now()), this.#rate.waitMs(clock.now())))
      const callOff = clock.after(startBy - clock.now(), late)
      signal?.addEventListener("abort", abort)
      this.#queue.push(share, waiter)
      // A listener that was told of the waiting may have ended it before it began.
      if (signal?.aborted === true) abort()
      else this.#letGo(clock)
    })
  }

  /** Lets those go whose time has come, and sets a timer for the next. */
  #letGo(clock: Clock): void {
    const now = clock.now()
    let at = Math.min(now, Math.max(this.#dueAt ?? now, now - MOST_LATE_MS))
    for (let first = this.#queue.peek(); first !== undefined; first = this.#queue.peek()) {
      const waitMs = this.#rate.waitMs(at)
      if (waitMs > 0) {
        at += Math.max(waitMs, LEAST_STEP_MS)
        if (at > now) return this.#arm(at, clock)
      } else {
        this.#queue.shift()
        first.settle(this.#rate.take(now, at))
      }
    }
    this.#arm(undefined, clock)
  }

  #arm(dueAt: number | undefined, clock: Clock): void {
    if (dueAt === this.#dueAt && this.#isArmed) return
    this.#callOff()
    this.#dueAt = dueAt
    this.#isArmed = dueAt !== undefined
    if (dueAt === undefined) return
    this.#callOff = clock.after(dueAt - clock.now(), () => {
      // Timers may be early, too: what is not due yet needs another.
      this.#isArmed = false
      this.#letGo(clock)
    })
  }

  /** Rejects those who cannot have their turn in time, now that it comes later than it seemed. */
  #rejectTheLate(now: number): void {
    let ahead = 0
    for (const waiter of this.#queue.inOrder()) {
      const waitMs = this.#rate.waitMs(now, ahead + 1)
      if (now + waitMs < waiter.startBy) ahead += 1
      else if (this.#queue.remove(waiter.share, waiter)) waiter.settle(waiter.reject(this.#whyLate(now), waitMs))
    }
  }

  #whyLate(now: number): string {
    const pauseMs = this.#rate.pauseMs(now)
    if (pauseMs > 0) return `the server asked for a pause, which lasts ${Math.ceil(pauseMs)} ms more`
    return `its turn would not come in time (${this.#queue.size} attempts wait)`
  }

  #reject({ record }: Exchange, why: string, waitMs: number, { clock, events }: Runtime): Failure {
    const key = record.redact(this.#key)
    const retryAt = Math.ceil(clock.date() + waitMs)
    if (events.heard("rejected")) events.emit("rejected", { call: record, policy: "pace", key, why })
    const next = new Date(retryAt).toISOString()
    return failure("rejected", `pace() let nothing out to ${key}: ${why}; the next may go at ${next}`, undefined, {
      retryAt,
    })
  }
}

const WHY = {
  paused: "the server named a time",
  throttled: "the server refused a request because there were too many",
  recovering: "the server takes requests again",
}
