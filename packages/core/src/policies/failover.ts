import { belowBase } from "../algorithms/below-base.ts"
import { EndpointHealth, type Sign } from "../algorithms/endpoint-health.ts"
import { EndpointPool, type Preference, type Some, type Ticket } from "../algorithms/endpoint-pool.ts"
import type { AttemptRecord } from "../call-record.ts"
import { ACCEPTED, documented, judge } from "../contract.ts"
import { baseOf, mayTravel, notSecretNames, placesOf, rebased, type EndpointOptions, type Place } from "../endpoints.ts"
import type { Exchange } from "../exchange.ts"
import { failure, releaseAfter, type Failure, type Outcome, type Reply } from "../outcome.ts"
import type { Handler, Policy } from "../pipeline.ts"
import { isReplaySafe } from "../replay-safety.ts"
import type { Clock, Runtime } from "../runtime.ts"
import type { Base } from "../url.ts"
import { checked, knownOptions, refuse, shown } from "../validation.ts"

/** Options of {@link failover}. */
export interface FailoverOptions {
  /** Base URLs that serve the same API, in order of preference; each must be trusted with all that requests carry. */
  readonly endpoints: readonly (string | URL | EndpointOptions)[]
  /** The home: the base whose requests are spread, and the only origin that the client's own credentials go to. Default: the first endpoint. */
  readonly baseUrl?: string | URL | undefined
  /** "first": in their order, as long as they are sound. "fastest": the better of two by failures, latency and load. Default "first". */
  readonly prefer?: Preference | undefined
  /** Ejects an endpoint after so many failures in a row. Default 5. */
  readonly ejectAfter?: number | undefined
  /** An ejection lasts about so many milliseconds, times the number of ejections. Default 30,000. */
  readonly ejectMs?: number | undefined
  /** No ejection lasts longer than this many milliseconds. Default 300,000, or `ejectMs` if that is more. */
  readonly maxEjectMs?: number | undefined
  /**
   * Whether every endpoint knows the idempotency keys that another has seen. Without that, a POST or PATCH that may have
   * been processed is repeated at the same endpoint only. Default false.
   */
  readonly sharedKeys?: boolean | undefined
  /** Header fields and query parameters that look like credentials and are none: `["page_token"]`. Default: none. */
  readonly notSecret?: readonly string[] | undefined
}

/** What is known of one endpoint. */
export interface EndpointStatus {
  readonly url: string
  /** "resting": it asked by Retry-After to be left alone. "ejected": it failed too often. */
  readonly state: "admitted" | "resting" | "ejected"
  /** Milliseconds until it is asked again, at the earliest; 0 when that is now. */
  readonly returnsInMs: number
  /** Attempts under way, their bodies included. */
  readonly pending: number
  /** Its moving average, in milliseconds: quick to rise, and falling while it is not asked. */
  readonly latencyMs: number
  /** How much of what it was asked of late has failed, from 0 to 1. */
  readonly failureShare: number
}

/** The policy that {@link failover} makes. */
export interface Failover extends Policy {
  /** What is known of the endpoints at this moment, in their order. */
  health(): EndpointStatus[]
}

const OPTIONS: readonly (keyof FailoverOptions)[] = [
  "endpoints", "baseUrl", "prefer", "ejectAfter", "ejectMs", "maxEjectMs", "sharedKeys", "notSecret",
] // prettier-ignore

/** Instants must remain such that a date can be made of them. */
const MOST_MS = 86_400_000

/**
 * Sends each attempt to one of several base URLs that serve the same API. An endpoint that fails is left alone for a
 * while; a retry goes elsewhere. Use it where an API is offered in several places at once; not for different APIs, and
 * not in place of a load balancer that exists already.
 *
 * Requests below the home base go to the endpoint chosen, path and query unchanged; all others pass untouched. What looks
 * like a credential in a request never goes to another origin: such a request stays at the home's. What is known of the
 * endpoints belongs to the policy: clients given the same one share it.
 * @throws ConfigurationError for options that are unknown, out of range or contradict each other; per call, under
 * `createFetch()`, which sends the very arguments it was called with.
 */
export function failover(options: FailoverOptions): Failover {
  knownOptions("failover", options, OPTIONS)
  const { prefer = "first", sharedKeys = false, notSecret = [] } = options
  if (!["first", "fastest"].includes(prefer)) refuse("failover.prefer", shown(prefer), '"first" or "fastest"')
  if (typeof sharedKeys !== "boolean") refuse("failover.sharedKeys", shown(sharedKeys), "true or false")
  const { ejectAfter = 5, ejectMs = 30_000, maxEjectMs = Math.max(300_000, ejectMs) } = options
  const places = placesOf(options.endpoints)
  const numbers = {
    ejectAfter: checked("failover.ejectAfter", ejectAfter, 1),
    ejectMs: checked("failover.ejectMs", ejectMs, 1, MOST_MS),
    maxEjectMs: checked("failover.maxEjectMs", maxEjectMs, ejectMs, MOST_MS),
  }
  const endpoints = places.map((place) => ({ ...place, health: new EndpointHealth(numbers) }))
  const pool = new EndpointPool(
    endpoints.map(({ health }) => health),
    prefer,
  )
  const home = options.baseUrl === undefined ? places[0].base : baseOf("failover.baseUrl", options.baseUrl)
  const settings = { endpoints, pool, home, sharedKeys, notSecret: notSecretNames(notSecret) }
  let clock: Clock | undefined
  return {
    name: "failover",
    scope: "endpoint",
    wrap: (next, runtime) => {
      clock = runtime.clock
      const router = new Router(settings, next, runtime)
      return (exchange) => router.route(exchange)
    },
    health: () => endpoints.map((endpoint) => statusOf(endpoint, clock?.now() ?? 0)),
  }
}

/** One of the places, and how it is doing. */
interface Endpoint extends Place {
  readonly health: EndpointHealth
}

/** The same in one pipeline: with what comes next, inside the endpoint's own credentials. */
interface Target extends Endpoint {
  readonly send: Handler
}

interface Settings {
  readonly endpoints: readonly Endpoint[]
  readonly pool: EndpointPool
  readonly home: Base
  readonly sharedKeys: boolean
  readonly notSecret: ReadonlySet<string>
}

function statusOf({ base, health }: Endpoint, nowMs: number): EndpointStatus {
  const { returnsAt, restsUntil, pending, latency, failures } = health
  return {
    url: base.url,
    state: returnsAt !== undefined ? "ejected" : restsUntil > nowMs ? "resting" : "admitted",
    returnsInMs: Math.max(0, (returnsAt ?? restsUntil) - nowMs),
    pending,
    latencyMs: latency.at(nowMs),
    failureShare: failures.suspected(nowMs),
  }
}

const NONE: ReadonlySet<EndpointHealth> = new Set()

/** The endpoints as one pipeline uses them. */
class Router {
  readonly #settings: Settings
  readonly #targets: readonly Target[]
  readonly #next: Handler
  readonly #runtime: Runtime

  constructor(settings: Settings, next: Handler, runtime: Runtime) {
    this.#settings = settings
    this.#targets = settings.endpoints.map((endpoint) => ({
      ...endpoint,
      send: endpoint.auth?.(endpoint.base.origin).wrap(next, runtime) ?? next,
    }))
    this.#next = next
    this.#runtime = runtime
  }

  route(exchange: Exchange): Promise<Outcome> {
    const { request } = exchange
    const rest = belowBase(this.#settings.home.url, request.url)
    if (rest === undefined) return this.#next(exchange)
    if (request.native !== undefined)
      refuse(
        "failover()",
        "under createFetch(), which sends the very arguments it was called with",
        "it to steadfetch()",
      )
    const { avoided, bound } = exchange.record.attempts.length === 0 ? { avoided: NONE } : this.#history(exchange)
    return bound === undefined ? this.#tryEach(exchange, rest, avoided) : this.#attempt(bound, exchange, rest)
  }

  /** Goes from endpoint to endpoint, at once, as long as nothing has been sent to any. */
  async #tryEach(exchange: Exchange, rest: string, avoided: Some): Promise<Outcome> {
    const { pool, home, notSecret } = this.#settings
    const { clock, random } = this.#runtime
    const barred = new Set<EndpointHealth>()
    let kept: Failure | undefined
    for (;;) {
      // What failed to connect can be retried: it is not worth a try where something speaks against it.
      const isPicky = kept !== undefined && kept.code !== "rejected"
      const chosen = isPicky
        ? pool.chooseSound(clock.now(), barred, avoided, random)
        : pool.choose(clock.now(), barred, avoided, random)
      const target =
        this.#targets.find(({ health }) => health === chosen) ??
        // What may go nowhere else goes to where a probe is under way.
        (kept === undefined ? this.#targets.find(({ health }) => !barred.has(health)) : undefined)
      if (target === undefined) return kept ?? this.#next(exchange)
      barred.add(target.health)
      if (target.base.origin !== home.origin && !mayTravel(exchange.request, target, notSecret)) continue
      const outcome = await this.#attempt(target, exchange, rest)
      if (!isUnsent(outcome, exchange)) return outcome
      kept = weightier(kept, outcome)
    }
  }

  async #attempt(target: Target, exchange: Exchange, rest: string): Promise<Outcome> {
    const { health } = target
    const moved = rebased(exchange, target, rest)
    const ticket = this.#settings.pool.start(health, this.#runtime.clock.now())
    let outcome: Outcome | undefined
    try {
      outcome = await target.send(moved)
    } finally {
      this.#note(target, outcome, ticket)
      if (outcome === undefined) health.pending--
    }
    releaseAfter(outcome, () => health.pending--)
    if (outcome.kind === "failure") return outcome
    const elsewhereAfterMs = this.#elsewhereAfterMs(target, exchange, outcome)
    if (moved === exchange && elsewhereAfterMs === undefined) return outcome
    // The URL that answered: what it says of itself is relative to that.
    const url = outcome.url ?? (moved === exchange ? undefined : moved.request.url)
    return { ...outcome, url, elsewhereAfterMs }
  }

  /** When another endpoint can take over from one that asked for rest, if that is sooner. */
  #elsewhereAfterMs(from: Target, exchange: Exchange, reply: Reply): number | undefined {
    const { home, notSecret, sharedKeys } = this.#settings
    const { clock } = this.#runtime
    const restMs = restAsked(reply, clock)
    if (restMs === 0 || (!sharedKeys && reply.status !== 429 && !isIdempotent(exchange))) return undefined
    const others = this.#targets.filter(
      (target) =>
        target !== from &&
        !target.health.isEjected &&
        (target.base.origin === home.origin || mayTravel(exchange.request, target, notSecret)),
    )
    const soonestMs = Math.min(...others.map(({ health }) => Math.max(0, health.restsUntil - clock.now())))
    return soonestMs < restMs ? soonestMs : undefined
  }

  /** Where this call has failed or is under way, and the endpoint that must get it again if any may. */
  #history(exchange: Exchange): { readonly avoided: Some; readonly bound?: Target | undefined } {
    const avoided = new Set<EndpointHealth>()
    let bound: Target | undefined
    let last: Target | undefined
    for (const attempt of exchange.record.attempts) {
      const target = this.#targetAt(attempt.url)
      if (target === undefined || !isTrouble(attempt)) continue
      avoided.add(target.health)
      last = target
      if (mayBeProcessed(attempt)) bound ??= target
    }
    const isBound = !this.#settings.sharedKeys && bound !== undefined && !isIdempotent(exchange)
    const isEverywhere = avoided.size === this.#targets.length
    return {
      avoided: isEverywhere && last !== undefined ? new Set([last.health]) : avoided,
      bound: isBound ? bound : undefined,
    }
  }

  /** The endpoint that a URL is below; of several the one with the longest path. */
  #targetAt(url: string): Target | undefined {
    return this.#targets
      .filter(({ base }) => belowBase(base.url, url) !== undefined)
      .toSorted((one, other) => other.base.url.length - one.base.url.length)[0]
  }

  /** Notes what an attempt says about its endpoint; without an outcome it ended by a defect. */
  #note({ base, health }: Endpoint, outcome: Outcome | undefined, ticket: Ticket): void {
    const { clock, random, events } = this.#runtime
    const nowMs = clock.now()
    const sign = outcome === undefined ? "nothing" : signOf(outcome, nowMs - ticket.startedAt, health.latency.at(nowMs))
    const change = this.#settings.pool.settle(health, sign, ticket, nowMs, random)
    const restMs = outcome === undefined ? 0 : restAsked(outcome, clock)
    const isNewRest = restMs > 0 && health.restsUntil <= nowMs
    health.restsUntil = Math.max(health.restsUntil, nowMs + restMs)
    if (!events.heard("changed")) return
    const tell = (state: string, why: string, numbers: Record<string, number>): void =>
      events.emit("changed", { policy: "failover", key: base.url, state, why, numbers })
    const { failuresInARow, ejections, returnsAt } = health
    if (change !== undefined)
      tell(change.state, change.why, { failuresInARow, ejections, ejectedMs: (returnsAt ?? nowMs) - nowMs })
    if (isNewRest) tell("resting", "it asked for it by Retry-After", { restMs })
  }
}

/** Nothing was sent, so that the attempt can go on elsewhere at once: a gate rejected it, or there was no connection. */
function isUnsent(outcome: Outcome, { request, signal }: Exchange): outcome is Failure {
  if (outcome.kind === "reply" || outcome.processed || signal?.aborted === true) return false
  return outcome.code === "rejected" || request.body?.replayable !== false
}

/** What an attempt ends with that went out nowhere: a failure to connect, which can be retried, else the rejection that is over first. */
function weightier(kept: Failure | undefined, latest: Failure): Failure {
  if (kept === undefined || latest.code !== "rejected") return latest
  if (kept.code !== "rejected") return kept
  return (latest.retryAt ?? Number.POSITIVE_INFINITY) < (kept.retryAt ?? Number.POSITIVE_INFINITY) ? latest : kept
}

function signOf(outcome: Outcome, tookMs: number, usualMs: number): Sign {
  if (outcome.kind === "reply") return outcome.status >= 500 ? "failure" : "success"
  const { code, limit, temporary } = outcome
  if (code === "rejected" || code === "aborted") return "nothing"
  // A deadline that came while an answer was not due yet says nothing.
  if (limit === "deadline" && tookMs <= usualMs) return "nothing"
  return temporary || code === "tls" ? "failure" : "nothing"
}

/** Milliseconds that an overloaded endpoint asks to be left alone. */
function restAsked(outcome: Outcome, clock: Clock): number {
  if (outcome.kind === "failure" || ![429, 503].includes(outcome.status)) return 0
  return judge(documented, outcome, clock).afterMs ?? 0
}

/** Under way (a hedge goes out beside it), without reply, or with one that asks for another try. */
function isTrouble({ durationMs, status = 0, failure }: AttemptRecord): boolean {
  return durationMs === undefined || failure !== undefined || status >= 500 || status === 429
}

function mayBeProcessed({ status, failure }: AttemptRecord): boolean {
  return !["refused", "dns", "tls"].includes(failure ?? "") && ![421, 425, 429].includes(status ?? 0)
}

/** Whether two endpoints that each apply the request do no harm, so that no key is needed. */
function isIdempotent(exchange: Exchange): boolean {
  const unkeyed = { ...exchange, keyed: false, request: { ...exchange.request, headers: [] } }
  return isReplaySafe(unkeyed, failure("network", "unknown"), ACCEPTED)
}
