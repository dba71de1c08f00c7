import { base64 } from "../algorithms/base64.ts"
import { singleFlight } from "../algorithms/single-flight.ts"
import { ABORTED, untilAborted } from "../cancellation.ts"
import { withHeaders, type Exchange, type Outgoing } from "../exchange.ts"
import { field, headerValue } from "../headers.ts"
import { signalFailure, type Outcome } from "../outcome.ts"
import type { Handler, Policy } from "../pipeline.ts"
import { ConfigurationError } from "../steadfetch-error.ts"
import { appendQuery, originOf } from "../url.ts"
import { checkFunction, kindOf, knownOptions, refuse } from "../validation.ts"

/** A secret, or where it comes from: asked anew for every attempt, so that it can change at any time. */
export type SecretSource = string | (() => string | Promise<string>)

/** What a client proves itself with: given the only origin it is for, the policy that adds it. */
export type Credentials = (origin: string) => Policy

/** How {@link bearer} renews a token. */
export interface BearerOptions {
  /**
   * Called once for all calls that a 401 hits at the same time; afterwards the token is asked for anew.
   * Without it, a token given as a function is merely asked for again. It must not use the client's own credentials:
   * give its call `auth: false`.
   */
  readonly refresh?: (() => unknown) | undefined
}

/**
 * A bearer token (RFC 6750).
 * @throws ConfigurationError for an empty token.
 */
export function bearer(token: SecretSource, options: BearerOptions = {}): Credentials {
  knownOptions("bearer", options, ["refresh"])
  checkFunction("bearer.refresh", options.refresh)
  return auth({ header: "authorization" }, token, (value) => `Bearer ${value}`, options.refresh)
}

/**
 * User name and password (RFC 7617), UTF-8.
 * @throws ConfigurationError for a user name with a colon, and for what is no text.
 */
export function basic(user: string, password: string): Credentials {
  if (typeof user !== "string") notText("the user name", user)
  if (typeof password !== "string") notText("the password", password)
  if (user.includes(":"))
    throw new ConfigurationError(
      `user name ${JSON.stringify(user)} holds a ":", which basic authentication cannot carry`,
    )
  const encoded = base64(new TextEncoder().encode(`${user}:${password}`))
  return auth({ header: "authorization" }, encoded, (value) => `Basic ${value}`, undefined, password)
}

/** Where an API key goes. */
export type KeyPlace = { readonly header: string } | { readonly query: string }

/**
 * An API key in a header field (default `x-api-key`) or in the query.
 * @throws ConfigurationError for an empty key, or a place that is neither.
 */
export function apiKey(key: SecretSource, place: KeyPlace = { header: "x-api-key" }): Credentials {
  const given: { header?: unknown; query?: unknown } = place
  if (typeof (given.header ?? given.query) !== "string")
    refuse("apiKey", kindOf(place), "{ header: name } or { query: name }")
  return auth("header" in place ? { header: place.header.toLowerCase() } : place, key, (value) => value)
}

/**
 * Adds a secret to requests for its origin, unless the call brings its own. After a 401 it obtains a fresh one, once for
 * all calls that need it, and repeats the request with it, once; the same secret is never tried twice.
 * @param within What of the written secret must not be shown either.
 */
function auth(
  place: KeyPlace,
  source: SecretSource,
  written: (secret: string) => string,
  refresh?: () => unknown,
  within?: string,
): Credentials {
  if (typeof source !== "function") checkedSecret(source)
  const renewable = typeof source === "function" || refresh !== undefined
  const current = async (): Promise<string> =>
    written(checkedSecret(typeof source === "function" ? await source() : source))
  let renewals = 0
  const renew = singleFlight(async () => {
    await refresh?.()
    renewals++
  })

  /** The value to use after `used` was refused, if there is another one; a straggler finds it renewed already. */
  const another = async (used: string): Promise<string | undefined> => {
    const renewalsBefore = renewals
    const held = await current()
    if (held !== used) return held
    // A slow source may have answered with what it held before a renewal that is over by now.
    if (renewals === renewalsBefore) await renew()
    const renewed = await current()
    return renewed === used ? undefined : renewed
  }

  const send = async (exchange: Exchange, next: Handler): Promise<Outcome> => {
    const { signal, request } = exchange
    if (within !== undefined) exchange.secrets?.push(within)
    const value = await untilAborted(current(), signal)
    if (value === ABORTED) return signalFailure(signal?.reason)
    const outcome = await next(authenticated(exchange, place, value))
    const refused = outcome.kind === "reply" && outcome.status === 401
    if (!refused || !renewable || request.body?.replayable === false) return outcome
    // The refresh is a part of the attempt, and has no more time than that.
    exchange.watch?.sending()
    const fresh = await untilAborted(another(value), signal)
    if (fresh === undefined) return outcome
    outcome.body.discard()
    if (fresh === ABORTED) return signalFailure(signal?.reason)
    return next(authenticated(exchange, place, fresh))
  }

  return (origin) => ({
    name: "auth",
    scope: "attempt",
    wrap: (next) => (exchange) => {
      const { request, options } = exchange
      const wanted = options.auth !== false && originOf(request.url) === origin && !isAuthenticated(request, place)
      return wanted ? send(exchange, next) : next(exchange)
    },
  })
}

function checkedSecret(secret: unknown): string {
  if (typeof secret === "string" && secret !== "") return secret
  return notText('the credential for "auth"', secret)
}

function notText(name: string, value: unknown): never {
  throw new ConfigurationError(`${name} is ${value === "" ? "empty" : kindOf(value)}; give a text`)
}

function isAuthenticated(request: Outgoing, place: KeyPlace): boolean {
  return "header" in place
    ? headerValue(request.headers, place.header) !== undefined
    : new URL(request.url).searchParams.has(place.query)
}

function authenticated(exchange: Exchange, place: KeyPlace, value: string): Exchange {
  const { request } = exchange
  if (exchange.secrets?.includes(value) === false) exchange.secrets.push(value)
  const sent =
    "query" in place
      ? { ...request, url: appendQuery(request.url, [[place.query, value]]) }
      : withHeaders(request, [...request.headers, field(place.header, value)])
  return { ...exchange, request: sent }
}
