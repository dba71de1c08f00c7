import { REFUSED, type Circuit, type CircuitState } from "../../algorithms/circuit.ts"
import type { Exchange } from "../../exchange.ts"
import { failure, signalFailure, type Failure, type Outcome } from "../../outcome.ts"
import type { Handler } from "../../pipeline.ts"
import type { Clock, Runtime } from "../../runtime.ts"
import { SendingTime } from "./sending-time.ts"

/** An attempt that its caller ended, or that another policy did not let out, tells nothing of the server. */
function tellsNothing(outcome: Outcome): boolean {
  return outcome.kind === "failure" && (outcome.code === "aborted" || outcome.code === "rejected")
}

/** The checked options of breaker(), but for the circuit's numbers. */
export interface BreakerSettings {
  readonly isFailure: (outcome: Outcome) => boolean
  readonly slowMs: number
  readonly waits: boolean
  readonly queueSize: number
}

/** One that waits until it may go. */
interface Waiter {
  readonly exchange: Exchange
  readonly runtime: Runtime
  /** @param end The ticket with which it may go, or why it does not. */
  settle(end: number | Failure): void
}

/** The breaker of one key. */
export class BreakerGate {
  readonly #key: string
  readonly #circuit: Circuit
  readonly #settings: BreakerSettings
  /** Those who wait, in the order in which they came. */
  readonly #waiting = new Set<Waiter>()
  #clock: Clock | undefined
  /** The instant for which a timer is set; one for all who wait. */
  #dueAt: number | undefined
  #callOff: () => void = () => {}

  constructor(key: string, circuit: Circuit, settings: BreakerSettings) {
    this.#key = key
    this.#circuit = circuit
    this.#settings = settings
  }

  get state(): CircuitState {
    return this.#circuit.state
  }

  /** Whether it holds anyone back, or would hold back who comes now. */
  get isInUse(): boolean {
    return this.#waiting.size > 0 || this.#circuit.isInUse(this.#clock?.now() ?? 0)
  }

  pass(exchange: Exchange, next: Handler, runtime: Runtime): Promise<Outcome> {
    this.#clock = runtime.clock
    const startedAt = runtime.clock.now()
    const ticket = this.#enter(exchange, startedAt, runtime)
    if (ticket !== REFUSED) return this.#attempt(ticket, startedAt, exchange, next, runtime)
    return this.#settings.waits ? this.#wait(exchange, next, runtime) : Promise.resolve(this.#reject(exchange, runtime))
  }

  #enter(exchange: Exchange, nowMs: number, runtime: Runtime): number {
    const before = this.#circuit.state
    const ticket = this.#circuit.admit(nowMs)
    if (this.#circuit.state !== before) this.#tell(exchange, runtime)
    return ticket
  }

  async #attempt(
    ticket: number,
    startedAt: number,
    exchange: Exchange,
    next: Handler,
    runtime: Runtime,
  ): Promise<Outcome> {
    const sent =
      this.#settings.slowMs === Number.POSITIVE_INFINITY ? undefined : new SendingTime(runtime.clock, exchange.watch)
    let outcome: Outcome | undefined
    let failed: boolean | undefined
    try {
      outcome = await next(sent === undefined ? exchange : { ...exchange, watch: sent })
      if (!tellsNothing(outcome)) failed = this.#settings.isFailure(outcome)
      return outcome
    } catch (defect) {
      if (outcome?.kind === "reply") outcome.body.discard()
      throw defect
    } finally {
      this.#settle(ticket, failed, sent?.at ?? startedAt, exchange, runtime)
    }
  }

  /** @param failed Undefined for an attempt that says nothing about the server. */
  #settle(ticket: number, failed: boolean | undefined, startedAt: number, exchange: Exchange, runtime: Runtime): void {
    const circuit = this.#circuit
    const before = circuit.state
    const now = runtime.clock.now()
    const slow = now - startedAt > this.#settings.slowMs
    const matters =
      failed === undefined ? circuit.release(ticket) : circuit.settle(ticket, failed, slow, now, runtime.random)
    if (circuit.state !== before) this.#tell(exchange, runtime)
    if (!matters || this.#waiting.size === 0) return
    if (circuit.state === "open") this.#rejectTheLate()
    this.#letGo(runtime)
  }

  async #wait(exchange: Exchange, next: Handler, runtime: Runtime): Promise<Outcome> {
    const { clock, events } = runtime
    const { signal, deadlineAt, record } = exchange
    const { queueSize } = this.#settings
    if (signal?.aborted === true) return signalFailure(signal.reason)
    if (this.#isTooLateFor(deadlineAt)) return this.#reject(exchange, runtime)
    if (this.#waiting.size >= queueSize) return this.#reject(exchange, runtime, `${queueSize} attempts wait already`)
    const waitMs = this.#circuit.probeAt - clock.now()
    if (events.heard("held"))
      events.emit("held", { call: record, policy: "breaker", key: record.redact(this.#key), waitMs })
    const end = await this.#turn(exchange, runtime)
    return typeof end === "number" ? this.#attempt(end, clock.now(), exchange, next, runtime) : end
  }

  #turn(exchange: Exchange, runtime: Runtime): Promise<number | Failure> {
    const { signal } = exchange
    return new Promise((resolve) => {
      const settle = (end: number | Failure): void => {
        signal?.removeEventListener("abort", abort)
        this.#waiting.delete(waiter)
        if (this.#waiting.size === 0) this.#disarm()
        resolve(end)
      }
      const abort = (): void => settle(signalFailure(signal?.reason))
      const waiter: Waiter = { exchange, runtime, settle }
      signal?.addEventListener("abort", abort)
      this.#waiting.add(waiter)
      // A listener that was told of the waiting may have ended it before it began.
      if (signal?.aborted === true) abort()
      else this.#letGo(runtime)
    })
  }

  /** Lets go as many of those who wait as may, and sets a timer for the next. */
  #letGo(runtime: Runtime): void {
    const now = runtime.clock.now()
    for (const waiter of this.#waiting) {
      const ticket = this.#enter(waiter.exchange, now, waiter.runtime)
      if (ticket === REFUSED) return this.#arm(now, runtime)
      // Who was told that it is half-open may have aborted this one.
      if (this.#waiting.has(waiter)) waiter.settle(ticket)
      else this.#circuit.release(ticket)
    }
  }

  #arm(now: number, runtime: Runtime): void {
    const { probeAt } = this.#circuit
    if (this.#dueAt === probeAt) return
    this.#callOff()
    this.#dueAt = probeAt
    this.#callOff = runtime.clock.after(probeAt - now, () => {
      this.#dueAt = undefined
      this.#letGo(runtime)
    })
  }

  #disarm(): void {
    this.#callOff()
    this.#dueAt = undefined
  }

  /** Half-open, it may close any moment; open, it stays so until the next probe may go. */
  #isTooLateFor(deadlineAt: number): boolean {
    const { state, probeAt } = this.#circuit
    return state === "open" && probeAt >= deadlineAt
  }

  #rejectTheLate(): void {
    for (const waiter of this.#waiting) {
      const { exchange, runtime } = waiter
      if (this.#isTooLateFor(exchange.deadlineAt)) waiter.settle(this.#reject(exchange, runtime))
    }
  }

  #reject({ record }: Exchange, { clock, events }: Runtime, reason?: string): Failure {
    const { state, turn, probeAt } = this.#circuit
    const key = record.redact(this.#key)
    const isOpen = state === "open"
    const retryAt = isOpen ? clock.date() + Math.ceil(Math.max(0, probeAt - clock.now())) : undefined
    const why = reason ?? (isOpen ? turn.why : "its probes are under way")
    if (events.heard("rejected")) events.emit("rejected", { call: record, policy: "breaker", key, why })
    const next = retryAt === undefined ? "" : `; the next probe may go at ${new Date(retryAt).toISOString()}`
    return failure("rejected", `breaker() is ${state} for ${key}: ${why}${next}`, undefined, { retryAt })
  }

  #tell({ record }: Exchange, { events }: Runtime): void {
    if (!events.heard("changed")) return
    const { state, turn } = this.#circuit
    events.emit("changed", { policy: "breaker", key: record.redact(this.#key), state, ...turn })
  }
}
