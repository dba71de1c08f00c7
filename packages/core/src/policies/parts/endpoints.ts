import type { Exchange } from "../../exchange.ts"
import { headerList, headerValue, mergeHeaders, type HeaderList, type HeadersInput } from "../../headers.ts"
import type { Policy } from "../../pipeline.ts"
import { SECRET_HEADER, secretsIn } from "../../redaction.ts"
import { ConfigurationError } from "../../steadfetch-error.ts"
import { parseBase, type Base } from "../../url.ts"
import { kindOf, knownOptions, refuse, shown } from "../../validation.ts"

/** One of several places where the same API is served. */
export interface EndpointOptions {
  /** What stands in place of the home's URL: absolute, without credentials, query or fragment. */
  readonly url: string | URL
  /** `bearer()`, `basic()` or `apiKey()` for this endpoint; it gives way to what the request brings. Default: none. */
  readonly auth?: ((origin: string) => Policy) | undefined
  /** Header fields for this endpoint, in place of the request's own of the same name. */
  readonly headers?: HeadersInput | undefined
}

/** Where an endpoint is, and what is its own. */
export interface Place {
  readonly base: Base
  readonly headers: HeaderList
  readonly auth: EndpointOptions["auth"]
}

/** Checks the places that a user gave. */
export function placesOf(given: readonly (string | URL | EndpointOptions)[]): [Place, ...Place[]] {
  const example = '["https://eu.example.com/v1", { url: "https://us.example.com/v1", auth: bearer(token) }]'
  if (!Array.isArray(given)) return refuse("failover.endpoints", kindOf(given), example)
  const [first, ...others] = given.map((endpoint, index) => placeOf(`failover.endpoints[${index}]`, endpoint))
  if (first === undefined) return refuse("failover.endpoints", "an empty list", example)
  const places: [Place, ...Place[]] = [first, ...others]
  const twice = places.find(({ base }, index) => places.findIndex((place) => place.base.url === base.url) < index)
  if (twice !== undefined) refuse("failover.endpoints", `${twice.base.url} twice`, "each once")
  return places
}

function placeOf(name: string, given: string | URL | EndpointOptions): Place {
  const options = typeof given === "string" || given instanceof URL ? { url: given } : given
  knownOptions(name, options, ["url", "auth", "headers"])
  const { url, auth, headers } = options
  const base = baseOf(name, url)
  if (auth !== undefined && typeof (typeof auth === "function" ? auth(base.origin) : undefined)?.wrap !== "function")
    refuse(`${name}.auth`, kindOf(auth), "bearer(token), basic(user, password) or apiKey(key)")
  return { base, auth, headers: headerList(headers) }
}

/** A base, refused by this name. */
export function baseOf(name: string, given: string | URL): Base {
  try {
    return parseBase(given)
  } catch (error) {
    throw error instanceof ConfigurationError ? new ConfigurationError(`${name}: ${error.message}`) : error
  }
}

/** Names, in lower case, of what only looks like a credential. */
export function notSecretNames(given: readonly string[]): ReadonlySet<string> {
  const fix = 'names that are none of credentials: ["page_token"]'
  if (!Array.isArray(given)) return refuse("failover.notSecret", kindOf(given), fix)
  for (const name of given) {
    if (typeof name !== "string" || name === "" || /^((proxy-)?authorization|cookie)$/i.test(name))
      refuse("failover.notSecret", shown(name), fix)
  }
  return new Set(given.map((name) => name.toLowerCase()))
}

/**
 * Whether a request may go to another origin as it is: nothing in it looks like a credential, or the place has its own
 * instead. It is never stripped of one: without it, it would be another request.
 * @param notSecret What {@link notSecretNames} gives.
 */
export function mayTravel(
  { request, idempotencyField }: Exchange,
  { headers: own }: Place,
  notSecret: ReadonlySet<string>,
): boolean {
  const { headers, url } = request
  const isSecret = ([name]: readonly [string, string]): boolean =>
    SECRET_HEADER.test(name) &&
    // Made for the call, to be the same on every attempt.
    name !== "idempotency-key" &&
    name !== idempotencyField &&
    !notSecret.has(name) &&
    headerValue(own, name) === undefined
  if (headers.some(isSecret)) return false
  if (secretsIn(url).length === 0) return true
  const query = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1])
  return [...query.keys()].every(
    (name) => notSecret.has(name.toLowerCase()) || secretsIn(`?${new URLSearchParams({ [name]: "" })}`).length === 0,
  )
}

/** The exchange as it goes to a place; itself where nothing changes. @param rest What follows the base in its URL. */
export function rebased(exchange: Exchange, { base, headers }: Place, rest: string): Exchange {
  const url = base.url + rest
  const { request, secrets } = exchange
  if (url === request.url && headers.length === 0) return exchange
  for (const [name, value] of headers)
    if (SECRET_HEADER.test(name) && secrets?.includes(value) === false) secrets.push(value)
  return { ...exchange, request: { ...request, url, headers: mergeHeaders(request.headers, headers) } }
}
