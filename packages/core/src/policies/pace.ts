import { Keyed } from "../algorithms/keyed.ts"
import type { Outgoing } from "../exchange.ts"
import type { Policy } from "../pipeline.ts"
import { requestKey, type KeyOf } from "../request-key.ts"
import { ConfigurationError } from "../steadfetch-error.ts"
import { checked, checkFunction, duration, knownOptions, whole } from "../validation.ts"
import { PaceGate, type PaceSettings } from "./parts/pace-gate.ts"
import type { TurnsOf } from "./parts/shared-turns.ts"

/** What becomes of attempts that cannot go at once. */
export interface PaceQueue {
  /** Attempts that may wait, per key; 0 rejects at once what cannot go at once. Default 1000. */
  readonly size?: number | undefined
  /** An attempt that would wait so many milliseconds is rejected; false: only one that would miss its deadline. Default false. */
  readonly maxWaitMs?: number | false | undefined
}

/** Options of {@link pace}. */
export interface PaceOptions {
  /** Attempts per second and key, at most. Default: as many as the server takes. */
  readonly perSecond?: number | undefined
  /** Attempts that may go at once after a quiet time; needs `perSecond`. Default 1. */
  readonly burst?: number | undefined
  /** The longest that one Retry-After holds back a whole key, in milliseconds; false for as long as it says. Default 600,000. */
  readonly maxPauseMs?: number | false | undefined
  readonly queue?: PaceQueue | undefined
  /** What has a rate of its own, such as each account of an API. Default: each origin. */
  readonly key?: KeyOf | undefined
  /** Who an attempt is for: those who wait for one key's rate get their turns round robin. Default: first come, first served. */
  readonly share?: ((request: Outgoing) => string) | undefined
  /**
   * Makes `perSecond`, and the pauses that the server asks for, those of all processes together: `sharedPace()` of
   * `@steadfetch/outbox/redis`, or `sharedTurns()` of a store of yours. While that cannot be asked, each process keeps to
   * its share of the rate. Default: none.
   */
  readonly shared?: TurnsOf | undefined
}

/** The policy that {@link pace} makes, and a look at what it has learnt. */
export interface Pace extends Policy {
  /**
   * Attempts per second that a key (by default an origin such as "https://api.example.com") is let at present: 0 during a
   * pause, Infinity while nothing is held back.
   */
  rate(key: string): number
}

const OPTIONS: readonly (keyof PaceOptions)[] = ["perSecond", "burst", "maxPauseMs", "queue", "key", "share", "shared"]

/**
 * Sends no faster than the server takes requests. It heeds what the server says: Retry-After of a 429 or 503 pauses the
 * whole origin, RateLimit fields spread what is left of a quota. Where the server only refuses, it finds the rate that is
 * not refused. With `perSecond` it also keeps to a rate of yours (a token bucket). What cannot go yet waits in a bounded
 * queue; what cannot go before its deadline is rejected at once.
 *
 * Use it for an API with a rate limit. For a limit on how many are under way at once, it is the wrong tool. One policy is
 * one rate, also where several clients are given it.
 * @throws ConfigurationError for options that are unknown or out of range.
 */
export function pace(options: PaceOptions = {}): Pace {
  knownOptions("pace", options, OPTIONS)
  const settings = settingsOf(options)
  const keyOf = requestKey("pace", options.key)
  const gates = new Keyed(
    (key) => new PaceGate(key, settings),
    (gate) => gate.isInUse,
  )
  return {
    name: "pace",
    scope: "gate",
    wrap: (next, runtime) => (exchange) => gates.of(keyOf(exchange.request)).pass(exchange, next, runtime),
    rate: (key) => gates.of(key).perSecond,
  }
}

function settingsOf(options: PaceOptions): PaceSettings {
  const { perSecond, burst, maxPauseMs = 600_000, queue = {}, share, shared } = options
  if (burst !== undefined && perSecond === undefined)
    throw new ConfigurationError("pace.burst is set, but no rate; give perSecond as well")
  knownOptions("pace.queue", queue, ["size", "maxWaitMs"])
  checkFunction("pace.share", share)
  checkFunction("pace.shared", shared)
  return {
    fixed:
      perSecond === undefined
        ? undefined
        : {
            perSecond: checked("pace.perSecond", perSecond, 0.001, 1e6),
            burst: whole("pace.burst", burst ?? 1, 1, 1e6),
          },
    maxPauseMs: duration("pace.maxPauseMs", maxPauseMs),
    queueSize: whole("pace.queue.size", queue.size ?? 1000, 0, 1e6),
    maxWaitMs: duration("pace.queue.maxWaitMs", queue.maxWaitMs ?? false),
    shareOf: share,
    turnsOf: shared,
  }
}
