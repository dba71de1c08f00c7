import { FairQueue } from "../../algorithms/fair-queue.ts"
import { PacedRate, type FixedRate, type Sent, type Sign } from "../../algorithms/paced-rate.ts"
import type { Exchange, Outgoing } from "../../exchange.ts"
import { failure, signalFailure, type Failure, type Outcome } from "../../outcome.ts"
import type { Handler } from "../../pipeline.ts"
import type { Clock, Runtime } from "../../runtime.ts"
import { rateSign } from "./rate-sign.ts"
import type { SharedTurns, SharingChange, TurnsOf } from "./shared-turns.ts"

/** The checked options of pace(). */
export interface PaceSettings {
  readonly fixed: FixedRate | undefined
  readonly maxPauseMs: number
  readonly queueSize: number
  readonly maxWaitMs: number
  readonly shareOf: ((request: Outgoing) => string) | undefined
  readonly turnsOf: TurnsOf | undefined
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
  /** Instead of a fixed rate of its own, where that is shared with other processes. */
  readonly #turns: SharedTurns | undefined
  readonly #queue = new FairQueue<Waiter>()
  #clock: Clock | undefined
  /** When the first in the queue is due: after that it goes as if no timer were ever late. */
  #dueAt: number | undefined
  #isArmed = false
  #callOff: () => void = () => {}

  constructor(key: string, settings: PaceSettings) {
    this.#key = key
    this.#settings = settings
    const { fixed, maxPauseMs, turnsOf } = settings
    this.#rate = new PacedRate(turnsOf === undefined ? fixed : undefined, maxPauseMs)
    this.#turns = turnsOf?.(key, fixed)
  }

  get perSecond(): number {
    return Math.min(this.#rate.perSecond(this.#clock?.now() ?? 0), this.#turns?.perSecond ?? Number.POSITIVE_INFINITY)
  }

  /** Whether it holds anyone back, or would hold back who comes now, or later for what was sent or refused before. */
  get isInUse(): boolean {
    const now = this.#clock?.now() ?? 0
    return this.#queue.size > 0 || this.#rate.isInUse(now) || this.#turns?.isInUse(now) === true
  }

  pass(exchange: Exchange, next: Handler, runtime: Runtime): Promise<Outcome> {
    const now = runtime.clock.now()
    this.#clock = runtime.clock
    const isReady = this.#turns?.isReady(now) ?? true
    if (!isReady || this.#queue.size > 0 || this.#waitMs(now) > 0) return this.#wait(exchange, next, runtime)
    this.#askWhenDue(runtime, now)
    return this.#send(this.#take(now), exchange, next, runtime)
  }

  #waitMs(now: number, sends = 1): number {
    return Math.max(this.#rate.waitMs(now, sends), this.#turns?.waitMs(now, sends) ?? 0)
  }

  #take(now: number, dueAt?: number): Sent {
    this.#turns?.take(now)
    return this.#rate.take(now, dueAt)
  }

  #askWhenDue(runtime: Runtime, now: number): void {
    if (this.#turns?.isDue(now) !== true) return
    this.#turns.ask(this.#queue.size, runtime.clock, (change) => {
      if (change !== undefined) this.#tellSharing(change, runtime)
      this.#rejectTheLate(runtime.clock.now())
      this.#letGo(runtime)
    })
  }

  #tellSharing({ state, why }: SharingChange, { events }: Runtime): void {
    if (!events.heard("changed")) return
    const numbers = { perSecond: this.perSecond }
    events.emit("changed", { policy: "pace", key: this.#key, state, why, numbers })
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

  #learn(sent: Sent, sign: Sign, { record }: Exchange, runtime: Runtime): void {
    const { clock, random, events } = runtime
    const now = clock.now()
    const { size } = this.#queue
    const before = size === 0 ? 0 : this.#waitMs(now, size)
    const change = this.#rate.note(sent, sign, now, random)
    if (change === "paused") this.#turns?.pause(this.#rate.pauseMs(now))
    if (change !== undefined && events.heard("changed")) {
      const numbers = { perSecond: this.#rate.perSecond(now), pauseMs: this.#rate.pauseMs(now) }
      const key = record.redact(this.#key)
      events.emit("changed", { policy: "pace", key, state: change, why: WHY[change], numbers })
    }
    if (size === 0) return
    if (this.#waitMs(now, size) > before) this.#rejectTheLate(now)
    this.#letGo(runtime)
  }

  async #wait(exchange: Exchange, next: Handler, runtime: Runtime): Promise<Outcome> {
    const { signal, record, deadlineAt, request } = exchange
    const { clock, events } = runtime
    const { queueSize, maxWaitMs, shareOf } = this.#settings
    if (signal?.aborted === true) return signalFailure(signal.reason)
    const share = shareOf?.(request) ?? ""
    const now = clock.now()
    const waitMs = this.#waitMs(now, this.#queue.ahead(share) + 1)
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
    const end = await this.#turn(share, startBy, reject, exchange, runtime)
    return "kind" in end ? end : this.#send(end, exchange, next, runtime)
  }

  /** Queues up until it is sent, given up or rejected. */
  #turn(
    share: string,
    startBy: number,
    reject: Waiter["reject"],
    { signal }: Exchange,
    runtime: Runtime,
  ): Promise<Sent | Failure> {
    const { clock } = runtime
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
        this.#letGo(runtime)
      }
      const abort = (): void => leave(signalFailure(signal?.reason))
      // What seemed to be in time may turn out not to be: how long a server refuses is not known beforehand.
      const late = (): void => leave(reject(this.#whyLate(clock.now()), this.#waitMs(clock.now())))
      const callOff = clock.after(startBy - clock.now(), late)
      signal?.addEventListener("abort", abort)
      this.#queue.push(share, waiter)
      // A listener that was told of the waiting may have ended it before it began.
      if (signal?.aborted === true) abort()
      else this.#letGo(runtime)
    })
  }

  /** Lets those go whose time has come, and sets a timer for the next. */
  #letGo(runtime: Runtime): void {
    const now = runtime.clock.now()
    if (this.#queue.size > 0) this.#askWhenDue(runtime, now)
    let at = Math.min(now, Math.max(this.#dueAt ?? now, now - MOST_LATE_MS))
    for (let first = this.#queue.peek(); first !== undefined; first = this.#queue.peek()) {
      const waitMs = this.#waitMs(at)
      if (waitMs > 0) {
        at += Math.max(waitMs, LEAST_STEP_MS)
        if (at > now) return this.#arm(at, runtime)
      } else if (this.#turns?.isReady(now) === false) {
        break
      } else {
        this.#queue.shift()
        first.settle(this.#take(now, at))
      }
    }
    this.#arm(undefined, runtime)
  }

  #arm(dueAt: number | undefined, runtime: Runtime): void {
    const { clock } = runtime
    if (dueAt === this.#dueAt && this.#isArmed) return
    this.#callOff()
    this.#dueAt = dueAt
    this.#isArmed = dueAt !== undefined
    if (dueAt === undefined) return
    this.#callOff = clock.after(dueAt - clock.now(), () => {
      // Timers may be early, too: what is not due yet needs another.
      this.#isArmed = false
      this.#letGo(runtime)
    })
  }

  /** Rejects those who cannot have their turn in time, now that it comes later than it seemed. */
  #rejectTheLate(now: number): void {
    let ahead = 0
    for (const waiter of this.#queue.inOrder()) {
      const waitMs = this.#waitMs(now, ahead + 1)
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
