import { Circuit, type CircuitNumbers, type CircuitState } from "../algorithms/circuit.ts"
import { Keyed } from "../algorithms/keyed.ts"
import type { Outcome } from "../outcome.ts"
import type { Policy } from "../pipeline.ts"
import { requestKey, type KeyOf } from "../request-key.ts"
import { ConfigurationError } from "../steadfetch-error.ts"
import { checked, checkFunction, knownOptions, refuse, shown, whole } from "../validation.ts"
import { BreakerGate, type BreakerSettings } from "./parts/breaker-gate.ts"

/** What becomes of attempts that wait; needs `whenOpen: "wait"`. */
export interface BreakerQueue {
  /** Attempts that may wait, per key; further ones are rejected. Default 1000. */
  readonly size?: number | undefined
}

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
  readonly queue?: BreakerQueue | undefined
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
  "failureRatio", "minAttempts", "windowMs", "openMs", "maxOpenMs", "probes", "slowMs", "slowRatio", "whenOpen", "queue", "isFailure", "key",
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
  const numbers = circuitNumbers(options)
  const settings = settingsOf(options)
  const keyOf = requestKey("breaker", options.key)
  const gates = new Keyed(
    (key) => new BreakerGate(key, new Circuit(numbers), settings),
    (gate) => gate.isInUse,
  )
  return {
    name: "breaker",
    scope: "gate",
    wrap: (next, runtime) => (exchange) => gates.of(keyOf(exchange.request)).pass(exchange, next, runtime),
    state: (key) => gates.of(key).state,
  }
}

function settingsOf(options: BreakerOptions): BreakerSettings {
  const { whenOpen = "reject", isFailure = isServerFailure, slowMs, queue = {} } = options
  checkFunction("breaker.isFailure", isFailure)
  if (!["reject", "wait"].includes(whenOpen)) refuse("breaker.whenOpen", shown(whenOpen), '"reject" or "wait"')
  if (options.queue !== undefined && whenOpen !== "wait")
    throw new ConfigurationError('breaker.queue is set, but nothing waits; give whenOpen: "wait" as well')
  knownOptions("breaker.queue", queue, ["size"])
  return {
    isFailure,
    slowMs: slowMs ?? Number.POSITIVE_INFINITY,
    waits: whenOpen === "wait",
    queueSize: whole("breaker.queue.size", queue.size ?? 1000, 0, 1e6),
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
    probes: whole("breaker.probes", probes, 1, 1000),
  }
}

/** A 4xx is the work of a server that is well, and 429 is for pacing to heed. */
function isServerFailure(outcome: Outcome): boolean {
  return outcome.kind === "reply" ? outcome.status >= 500 : outcome.temporary
}
