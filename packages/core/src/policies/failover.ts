import { belowBase } from "../algorithms/below-base.ts"
import { EndpointHealth } from "../algorithms/endpoint-health.ts"
import { EndpointPool, type Preference } from "../algorithms/endpoint-pool.ts"
import type { Policy } from "../pipeline.ts"
import type { Clock } from "../runtime.ts"
import { ConfigurationError } from "../steadfetch-error.ts"
import { checked, knownOptions, refuse, shown } from "../validation.ts"
import { baseOf, notSecretNames, placesOf, type EndpointOptions } from "./parts/endpoints.ts"
import { FailoverRouter, type Endpoint } from "./parts/failover-router.ts"

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
 * @throws ConfigurationError for options that are unknown, out of range or contradict each other; for a client whose base
 * lies elsewhere, when that is made; per call, under `createFetch()`, which sends the very arguments it was called with.
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
    checkBase: (base) => checkBase(base, home.url),
    wrap: (next, runtime) => {
      clock = runtime.clock
      const router = new FailoverRouter(settings, next, runtime)
      return (exchange) => router.route(exchange)
    },
    health: () => endpoints.map((endpoint) => statusOf(endpoint, clock?.now() ?? 0)),
  }
}

/** @throws ConfigurationError for the base of a client none of whose own requests can be below the home. */
function checkBase(base: string, home: string): void {
  if (belowBase(home, base) !== undefined || belowBase(base, home) !== undefined) return
  throw new ConfigurationError(
    `failover() acts below ${home}, and the client's baseUrl is ${base}; give both the same, or make a client without it`,
  )
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
