import { singleFlight } from "../algorithms/single-flight.ts"
import { ABORTED, untilAborted } from "../cancellation.ts"
import type { Credentials } from "../credentials.ts"
import { withHeaders, type Exchange, type Outgoing } from "../exchange.ts"
import { field, headerValue } from "../headers.ts"
import { signalFailure, type Outcome } from "../outcome.ts"
import type { Handler, Policy } from "../pipeline.ts"
import { ConfigurationError } from "../steadfetch-error.ts"
import { appendQuery, originOf } from "../url.ts"

/** Options of {@link auth}. */
export interface AuthOptions {
  readonly credentials: Credentials
  /** The only origin that the credentials are sent to. */
  readonly origin: string
}

/**
 * Adds credentials to requests for their origin, unless the call brings its own. After a 401 it obtains fresh ones, once
 * for all calls that need them, and repeats the request with them, once; the same credentials are never tried twice.
 */
export function auth({ credentials, origin }: AuthOptions): Policy {
  let rejectedValue = ""
  const { refresh } = credentials
  const renew = singleFlight(async () => {
    await refresh?.(rejectedValue)
  })

  /** The value to use after `used` was refused, if there is another one; a straggler finds it renewed already. */
  const another = async (used: string): Promise<string | undefined> => {
    const held = await credentials.current()
    if (held !== used) return held
    rejectedValue = used
    await renew()
    const renewed = await credentials.current()
    return renewed === used ? undefined : renewed
  }

  const send = async (exchange: Exchange, next: Handler): Promise<Outcome> => {
    const value = await untilAborted(Promise.resolve(credentials.current()), exchange.signal)
    if (value === ABORTED) return signalFailure(exchange.signal?.reason)
    const outcome = await next(authenticated(exchange, credentials, value))
    if (outcome.kind === "failure" || outcome.status !== 401 || refresh === undefined) return outcome
    if (exchange.request.body?.replayable === false) return outcome
    const fresh = await untilAborted(another(value), exchange.signal)
    if (fresh === undefined || fresh === ABORTED) return outcome
    outcome.body.discard()
    return next(authenticated(exchange, credentials, fresh))
  }

  return {
    name: "auth",
    scope: "attempt",
    wrap: (next) => (exchange) => {
      const { request } = exchange
      if (exchange.options.auth === false) return next(exchange)
      return originOf(request.url) !== origin || isAuthenticated(request, credentials)
        ? next(exchange)
        : send(exchange, next)
    },
  }
}

function isAuthenticated(request: Outgoing, { place }: Credentials): boolean {
  return "header" in place && headerValue(request.headers, place.header) !== undefined
}

function authenticated(exchange: Exchange, { place }: Credentials, value: string): Exchange {
  const { request, record } = exchange
  record.keepSecret(value)
  if ("query" in place) {
    return { ...exchange, request: { ...request, url: appendQuery(request.url, [[place.query, value]]) } }
  }
  return { ...exchange, request: withHeaders(request, [...request.headers, checkedField(place.header, value)]) }
}

function checkedField(header: string, value: string): [string, string] {
  try {
    return field(header, value)
  } catch {
    // The message of field() may be shown; a credential must not be near it.
    throw new ConfigurationError(
      `the credential for header "${header}" holds a character that a header cannot carry; check where it is read from`,
    )
  }
}
