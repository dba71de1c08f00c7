import { Circuit, REFUSED, type CircuitNumbers, type CircuitState } from "../algorithms/circuit.ts"
import { Keyed } from "../algorithms/keyed.ts"
import type { Signal } from "../cancellation.ts"
import type { Exchange } from "../exchange.ts"
import { failure, signalFailure, type Failure, type Outcome } from "../outcome.ts"
import type { Handler, Policy } from "../pipeline.ts"
import { requestKey, type KeyOf } from "../request-key.ts"
import type { Clock, Runtime } from "../runtime.ts"
import { SendingTime } from "../sending-time.ts"
import { ConfigurationError } from "../steadfetch-error.ts"
import { checked, checkFunction, knownOptions, refuse, shown } from "../validation.ts"

/** Options of {@link breaker}. */
export interface BreakerOptions {
  /** Opens when this share of the attempts within the window failed. From 0.01 to 1. Default 0.5. */
  readonly failureRatio?: number | undefined
  /** With fewer attempts than this within the window it does not open. Default 20. */
  readonly minAttempts?: number | undefined
  /** Milliseconds of history that count. Default 10,000. */
  readonly windowMs?: number | undefined
  /** The first opening lasts between half of this and all of it, in milliseconds; each further one in a row twice as long. Default 5000. */
  readonly openMs?: number | undefined
  /** No opening lasts longer than this many milliseconds. Default 60,000, or `openMs` if that is more. */
  readonly maxOpenMs?: number | undefined
  /** After an opening, so many attempts may go as probes; it closes when as many have succeeded. Default 1. */
  readonly probes?: number | undefined
  /** An attempt that takes longer than this many milliseconds is slow. Default: none is. */
  readonly slowMs?: number | undefined
  /** Opens when this share of the attempts within the window was slow; needs `slowMs`. From 0.01 to 1. Default 0.5. */
  readonly slowRatio?: number | undefined
  /**
   * What becomes of an attempt while it is open: "reject" it at once, or let it "wait" until it may go, which it does only
   * when its deadline allows that. Default "reject".
   */
  readonly whenOpen?: "reject" | "wait" | undefined
  /** Whether an attempt failed. Default: a status of 500 or above, or no reply for a reason that time can heal. Never asked about attempts that were aborted, or rejected by another policy. */
  readonly isFailure?: ((outcome: Outcome) => boolean) | undefined
  /** What has a breaker of its own; shown in messages and events. Default: the request's origin. */
  readonly key?: KeyOf | undefined
}

/** "closed": attempts pass. "open": none does. "half-open": a few do, as probes. */
export type BreakerState = CircuitState

/** The policy that {@link breaker} makes. */
export interface Breaker extends Policy {
  /**
   * The present state for a key (by default an origin such as "https://api.example.com"). A breaker whose time is over
   * stays "open" until an attempt comes that can be the probe: no timer runs meanwhile.
   */
  state(key: string): BreakerState
}

const OPTIONS: readonly (keyof BreakerOptions)[] = [
  "failureRatio", "minAttempts", "windowMs", "openMs", "maxOpenMs", "probes", "slowMs", "slowRatio", "whenOpen", "isFailure", "key",
] // prettier-ignore

/** Instants must remain such that a date can be made of them. */
const MOST_MS = 86_400_000

/**
 * A circuit breaker per origin: when half of the latest attempts failed, further ones are rejected at once, until a probe
 * finds the server well. Use it where a quick "no" is worth more than a late "yes", or where a server that is down must
 * be spared. It rejects calls that could have succeeded: where the aim is only that retries do no harm, the retry budget
 * sees to that without rejecting anything.
 *
 * The state belongs to the policy: clients given the same one share it.
 * @throws ConfigurationError for options that are unknown, out of range or contradict each other.
 */
export function breaker(options: BreakerOptions = {}): Breaker {
  knownOptions("breaker", options, OPTIONS)
  const { whenOpen = "reject", isFailure = isServerFailure, slowMs } = options
  const numbers = circuitNumbers(options)
  checkFunction("breaker.isFailure", isFailure)
  if (!["reject", "wait"].includes(whenOpen)) refuse("breaker.whenOpen", shown(whenOpen), '"reject" or "wait"')
  const settings = { isFailure, slowMs: slowMs ?? Number.POSITIVE_INFINITY, waits: whenOpen === "wait" }
  const keyOf = requestKey("breaker", options.key)
  const gates = new Keyed((key) => new Gate(key, new Circuit(numbers), settings))
  return {
    name: "breaker",
    scope: "gate",
    wrap: (next, runtime) => (exchange) => gates.of(keyOf(exchange.request)).pass(exchange, next, runtime),
    state: (key) => gates.of(key).state,
  }
}

function circuitNumbers(options: BreakerOptions): CircuitNumbers {
  const { failureRatio = 0.5, slowRatio = 0.5, slowMs, minAttempts = 20, probes = 1 } = options
  const { windowMs = 10_000, openMs = 5000, maxOpenMs = Math.max(60_000, openMs) } = options
  if (slowMs !== undefined) checked("breaker.slowMs", slowMs, 1, MOST_MS)
  else if (options.slowRatio !== undefined)
    throw new ConfigurationError("breaker.slowRatio is set, but not what is slow; give slowMs as well")
  return {
    failureRatio: checked("breaker.failureRatio", failureRatio, 0.01, 1),
    slowRatio: checked("breaker.slowRatio", slowRatio, 0.01, 1),
    minAttempts: checked("breaker.minAttempts", minAttempts, 1),
    windowMs: checked("breaker.windowMs", windowMs, 1, MOST_MS),
    openMs: checked("breaker.openMs", openMs, 1, MOST_MS),
    maxOpenMs: checked("breaker.maxOpenMs", maxOpenMs, openMs, MOST_MS),
    probes: checked("breaker.probes", probes, 1, 1000),
  }
}

/** A 4xx is the work of a server that is well, and 429 is for pacing to heed. */
function isServerFailure(outcome: Outcome): boolean {
  return outcome.kind === "reply" ? outcome.status >= 500 : outcome.temporary
}

/** An attempt that its caller ended, or that another policy did not let out, tells nothing of the server. */
function tellsNothing(outcome: Outcome): boolean {
  return outcome.kind === "failure" && (outcome.code === "aborted" || outcome.code === "rejected")
}

interface Settings {
  readonly isFailure: (outcome: Outcome) => boolean
  readonly slowMs: number
  readonly waits: boolean
}

/** The breaker of one key. */
class Gate {
  readonly #key: string
  readonly #circuit: Circuit
  readonly #settings: Settings
  /** Wakes the attempts that wait, in the order in which they came. */
  readonly #waiting = new Set<() => void>()

  constructor(key: string, circuit: Circuit, settings: Settings) {
    this.#key = key
    this.#circuit = circuit
    this.#settings = settings
  }

  get state(): BreakerState {
    return this.#circuit.state
  }

  pass(exchange: Exchange, next: Handler, runtime: Runtime): Promise<Outcome> {
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
    if (matters) for (const wake of this.#waiting) wake()
  }

  async #wait(exchange: Exchange, next: Handler, runtime: Runtime): Promise<Outcome> {
    const { clock, events } = runtime
    const { signal, deadlineAt, record } = exchange
    for (let isFirst = true; ; isFirst = false) {
      if (signal?.aborted === true) return signalFailure(signal.reason)
      const now = clock.now()
      const ticket = this.#enter(exchange, now, runtime)
      if (ticket !== REFUSED) return this.#attempt(ticket, now, exchange, next, runtime)
      const { state, probeAt } = this.#circuit
      // Half-open, it may close any moment; open, it stays so until then.
      if (state === "open" && probeAt >= deadlineAt) return this.#reject(exchange, runtime)
      if (isFirst && events.heard("held"))
        events.emit("held", { call: record, policy: "breaker", key: record.redact(this.#key), waitMs: probeAt - now })
      await this.#changeOrAfter(probeAt - now, clock, signal)
    }
  }

  #changeOrAfter(delayMs: number, clock: Clock, signal: Signal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        callOff()
        signal?.removeEventListener("abort", over)
        this.#waiting.delete(over)
        resolve()
      }
      const callOff = clock.after(delayMs, over)
      signal?.addEventListener("abort", over)
      this.#waiting.add(over)
    })
  }

  #reject({ record }: Exchange, { clock, events }: Runtime): Failure {
    const { state, turn, probeAt } = this.#circuit
    const key = record.redact(this.#key)
    const isOpen = state === "open"
    const retryAt = isOpen ? clock.date() + Math.ceil(Math.max(0, probeAt - clock.now())) : undefined
    const why = isOpen ? turn.why : "its probes are under way"
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
