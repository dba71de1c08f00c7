import { ConfigurationError } from "./steadfetch-error.ts"

/** A credential, or where it comes from: asked anew for every attempt, so that it can change at any time. */
export type SecretSource = string | (() => string | Promise<string>)

/** What a client proves itself with, and where in the request that stands. */
export interface Credentials {
  /** The header field, or the query parameter. */
  readonly place: { readonly header: string } | { readonly query: string }
  /** The value as it goes there. */
  current(): string | Promise<string>
  /** Obtains fresh ones after a 401; undefined where they are fixed. `rejected` is the value that was refused. */
  readonly refresh: ((rejected: string) => unknown) | undefined
}

/** How {@link bearer} renews a token. */
export interface BearerOptions {
  /**
   * Called once for all calls that a 401 hits at the same time; afterwards the token is asked for anew.
   * Without it, a token given as a function is merely asked for again.
   */
  readonly refresh?: (() => unknown) | undefined
}

/**
 * A bearer token (RFC 6750).
 * @throws ConfigurationError for an empty token.
 */
export function bearer(token: SecretSource, options: BearerOptions = {}): Credentials {
  const { refresh } = options
  return inHeader("authorization", token, (value) => `Bearer ${value}`, "bearer token", refresh)
}

/**
 * User name and password (RFC 7617), UTF-8.
 * @throws ConfigurationError for a user name with a colon.
 */
export function basic(user: string, password: string): Credentials {
  if (user.includes(":"))
    throw new ConfigurationError(
      `the user name ${JSON.stringify(user)} holds a ":"; basic authentication cannot carry it`,
    )
  const bytes = new TextEncoder().encode(`${user}:${password}`)
  const encoded = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
  return inHeader("authorization", encoded, (value) => `Basic ${value}`, "password", undefined)
}

/**
 * An API key in a header field (default `x-api-key`) or in the query.
 * @throws ConfigurationError for an empty key.
 */
export function apiKey(
  key: SecretSource,
  place: { readonly header: string } | { readonly query: string } = { header: "x-api-key" },
): Credentials {
  if ("header" in place) return inHeader(place.header.toLowerCase(), key, (value) => value, "API key", undefined)
  return { ...inHeader("", key, (value) => value, "API key", undefined), place }
}

function inHeader(
  header: string,
  source: SecretSource,
  written: (secret: string) => string,
  what: string,
  refresh: (() => unknown) | undefined,
): Credentials {
  const write = (secret: string): string => {
    if (typeof secret !== "string" || secret === "")
      throw new ConfigurationError(`the ${what} is ${secret === "" ? "empty" : `a ${typeof secret}`}; give a text`)
    return written(secret)
  }
  if (typeof source === "string") {
    const value = write(source)
    return { place: { header }, current: () => value, refresh }
  }
  const current = (): string | Promise<string> => {
    const secret = source()
    return typeof secret === "string" ? write(secret) : secret.then(write)
  }
  return { place: { header }, current, refresh: refresh ?? (() => undefined) }
}
