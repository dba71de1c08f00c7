import { belowBase } from "../../algorithms/below-base.ts"
import type { EndpointHealth, Sign } from "../../algorithms/endpoint-health.ts"
import type { EndpointPool, Some, Ticket } from "../../algorithms/endpoint-pool.ts"
import type { AttemptRecord } from "../../call-record.ts"
import { ACCEPTED, documented, judge } from "../../contract.ts"
import type { Exchange, Watch } from "../../exchange.ts"
import { failure, releaseAfter, type Failure, type Outcome, type Reply } from "../../outcome.ts"
import type { Handler } from "../../pipeline.ts"
import { isReplaySafe } from "../../replay-safety.ts"
import type { Clock, Runtime } from "../../runtime.ts"
import type { Base } from "../../url.ts"
import { refuse } from "../../validation.ts"
import { mayTravel, rebased, type Place } from "./endpoints.ts"

/** One of the places, and how it is doing. */
export interface Endpoint extends Place {
  readonly health: EndpointHealth
}

/** The same in one pipeline: with what comes next, inside the endpoint's own credentials. */
interface Target extends Endpoint {
  readonly send: Handler
}

/** What is the policy's, whatever pipeline it is in. */
export interface FailoverSettings {
  readonly endpoints: readonly Endpoint[]
  readonly pool: EndpointPool
  readonly home: Base
  readonly sharedKeys: boolean
  readonly notSecret: ReadonlySet<string>
}

/** Timers fire up to so much too early, and dates count whole milliseconds: a wait may be over before its very instant. */
const EARLY_MS = 5

/** What a call has found out so far. */
interface History {
  /** Where it has failed or is under way. */
  readonly avoided: Some
  /** The endpoint that must get it again, if any may. */
  readonly bound: Target | undefined
  /** Endpoints that told this call to wait until an instant that is still to come. */
  readonly resting: ReadonlyMap<Target, number>
}

const NEW: History = { avoided: new Set(), bound: undefined, resting: new Map() }

/** Which endpoint the attempts went to: their URLs are redacted, and may be another's after a redirect. */
class Visit implements Watch {
  readonly target: Target
  /** The instant until which the endpoint told the call to wait. */
  restsUntil = Number.NEGATIVE_INFINITY
  readonly #exchange: Exchange
  readonly #visits: WeakMap<AttemptRecord, Visit>

  constructor(target: Target, exchange: Exchange, visits: WeakMap<AttemptRecord, Visit>) {
    this.target = target
    this.#exchange = exchange
    this.#visits = visits
  }

  sending(): void {
    const { record, watch } = this.#exchange
    const attempt = record.attempts.at(-1)
    if (attempt !== undefined) this.#visits.set(attempt, this)
    watch?.sending()
  }

  waiting(): void {
    this.#exchange.watch?.waiting()
  }

  arrived(): void {
    this.#exchange.watch?.arrived()
  }
}

/** The endpoints as one pipeline uses them. */
export class FailoverRouter {
  readonly #settings: FailoverSettings
  readonly #targets: readonly Target[]
  readonly #next: Handler
  readonly #runtime: Runtime
  readonly #visits = new WeakMap<AttemptRecord, Visit>()

  constructor(settings: FailoverSettings, next: Handler, runtime: Runtime) {
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
    const history = this.#history(exchange)
    const { bound } = history
    return bound === undefined ? this.#tryEach(exchange, rest, history) : this.#attempt(bound, exchange, rest)
  }

  /** Goes from endpoint to endpoint, at once, as long as nothing has been sent to any. */
  async #tryEach(exchange: Exchange, rest: string, known: History): Promise<Outcome> {
    const { pool } = this.#settings
    const { clock, random } = this.#runtime
    const barred = new Set<EndpointHealth>()
    let history = known
    let kept: Failure | undefined
    for (;;) {
      const { avoided, resting } = history
      // For want of a better one any endpoint will do, but not before the time that it named to this very call.
      for (const { health } of resting.keys()) barred.add(health)
      // What failed to connect can be retried: it is not worth a try where something speaks against it.
      const isPicky = kept !== undefined && kept.code !== "rejected"
      const chosen = isPicky
        ? pool.chooseSound(clock.now(), barred, avoided, random)
        : pool.choose(clock.now(), barred, avoided, random)
      const target =
        this.#targets.find(({ health }) => health === chosen) ??
        // What may go nowhere else goes to where a probe is under way.
        (kept === undefined ? this.#targets.find(({ health }) => !barred.has(health)) : undefined)
      if (target === undefined) return this.#nowhere(exchange, kept, resting)
      barred.add(target.health)
      if (!this.#mayGo(exchange, target)) continue
      const outcome = await this.#attempt(target, exchange, rest)
      if (!isUnsent(outcome, exchange)) return outcome
      kept = weightier(kept, outcome)
      // A hedge may have found out something meanwhile, or be under way where the call then has to stay.
      history = this.#history(exchange)
      if (history.bound !== undefined) return kept
    }
  }

  /** No endpoint is left: what the others ended with, or a rejection where one is left that asked for rest. */
  #nowhere(exchange: Exchange, kept: Failure | undefined, resting: History["resting"]): Outcome | Promise<Outcome> {
    const { clock, events } = this.#runtime
    const [first] = [...resting].toSorted(([, one], [, other]) => one - other)
    if (first === undefined) return kept ?? this.#next(exchange)
    const [{ base }, restsUntil] = first
    const retryAt = clock.date() + restsUntil - clock.now()
    const why = `it asked to be left alone until ${new Date(retryAt).toISOString()}, and no other endpoint can be asked`
    const rejection = failure("rejected", `failover() does not ask ${base.url}: ${why}`, undefined, { retryAt })
    const outcome = weightier(kept, rejection)
    if (outcome === rejection && events.heard("rejected"))
      events.emit("rejected", { call: exchange.record, policy: "failover", key: base.url, why })
    return outcome
  }

  async #attempt(target: Target, exchange: Exchange, rest: string): Promise<Outcome> {
    const { health } = target
    const moved = rebased(exchange, target, rest)
    const visit = new Visit(target, exchange, this.#visits)
    const ticket = this.#settings.pool.start(health, this.#runtime.clock.now())
    let outcome: Outcome | undefined
    try {
      outcome = await target.send({ ...moved, watch: visit })
    } finally {
      this.#note(visit, outcome, ticket)
      if (outcome === undefined) health.pending--
    }
    releaseAfter(outcome, () => health.pending--)
    if (outcome.kind === "failure") return outcome
    const elsewhereAfterMs = this.#elsewhereAfterMs(target, exchange, outcome)
    const { url } = moved.request
    if (url === exchange.request.url) return elsewhereAfterMs === undefined ? outcome : { ...outcome, elsewhereAfterMs }
    // The URL that answered: what the reply says of itself is relative to that.
    return { ...outcome, url: outcome.url ?? url, sentTo: url, elsewhereAfterMs }
  }

  /** Whether what the request carries may go there. */
  #mayGo(exchange: Exchange, target: Target): boolean {
    const { home, notSecret } = this.#settings
    return target.base.origin === home.origin || mayTravel(exchange, target, notSecret)
  }

  /** When another endpoint can take over from one that asked for rest, if that is sooner. */
  #elsewhereAfterMs(from: Target, exchange: Exchange, reply: Reply): number | undefined {
    const { clock } = this.#runtime
    const restMs = isOverload(reply) ? waitAsked(reply, clock) : 0
    if (restMs === 0 || this.#history(exchange).bound !== undefined) return undefined
    const others = this.#targets.filter(
      (target) => target !== from && !target.health.isEjected && this.#mayGo(exchange, target),
    )
    const soonestMs = Math.min(...others.map(({ health }) => Math.max(0, health.restsUntil - clock.now())))
    return soonestMs < restMs ? soonestMs : undefined
  }

  #history(exchange: Exchange): History {
    const { attempts } = exchange.record
    if (attempts.length === 0) return NEW
    const nowMs = this.#runtime.clock.now()
    const avoided = new Set<EndpointHealth>()
    const resting = new Map<Target, number>()
    let bound: Target | undefined
    let last: Target | undefined
    for (const attempt of attempts) {
      const visit = this.#visits.get(attempt)
      if (visit === undefined || !isTrouble(attempt)) continue
      const { target, restsUntil } = visit
      avoided.add(target.health)
      last = target
      if (restsUntil - nowMs > EARLY_MS) resting.set(target, Math.max(restsUntil, resting.get(target) ?? restsUntil))
      if (mayBeProcessed(attempt)) bound ??= target
    }
    const isBound = !this.#settings.sharedKeys && bound !== undefined && !isIdempotent(exchange)
    const isEverywhere = avoided.size === this.#targets.length
    return {
      avoided: isEverywhere && last !== undefined ? new Set([last.health]) : avoided,
      bound: isBound ? bound : undefined,
      resting,
    }
  }

  /** Notes what an attempt says about its endpoint; without an outcome it ended by a defect. */
  #note(visit: Visit, outcome: Outcome | undefined, ticket: Ticket): void {
    const { base, health } = visit.target
    const { clock, random, events } = this.#runtime
    const nowMs = clock.now()
    const sign = outcome === undefined ? "nothing" : signOf(outcome, nowMs - ticket.startedAt, health.latency.at(nowMs))
    const change = this.#settings.pool.settle(health, sign, ticket, nowMs, random)
    const waitMs = outcome === undefined ? 0 : waitAsked(outcome, clock)
    if (waitMs > 0) visit.restsUntil = nowMs + waitMs
    const restMs = isOverload(outcome) ? waitMs : 0
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

/** What a server says of itself, and not of one request. */
function isOverload(outcome: Outcome | undefined): outcome is Reply {
  return outcome?.kind === "reply" && [429, 503].includes(outcome.status)
}

/** Milliseconds that an endpoint asks to wait before the same request comes again. */
function waitAsked(outcome: Outcome, clock: Clock): number {
  if (outcome.kind === "failure" || (outcome.status < 500 && outcome.status !== 429)) return 0
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
