import { callClass, type Ability, type MethodsOf } from "./ability.ts"
import { bodyLimit, createClient, type Client } from "./client.ts"
import { contract } from "./contract.ts"
import type { Listeners } from "./events.ts"
import { fetchTransport } from "./fetch-transport.ts"
import { headerList, headerValue, mergeHeaders, type HeaderList, type HeadersInput } from "./headers.ts"
import { arrange, pipeline, type Handler, type Policy, type Transport } from "./pipeline.ts"
import type { Credentials } from "./policies/auth.ts"
import { standard, STANDARD_OPTIONS, type PresetOptions } from "./presets/standard.ts"
import { SECRET_HEADER, secretsIn } from "./redaction.ts"
import type { Runtime } from "./runtime.ts"
import { ConfigurationError } from "./steadfetch-error.ts"
import { systemRuntime } from "./system-runtime.ts"
import { appendQuery, parseBase, type Base, type QueryInput } from "./url.ts"
import { kindOf, knownOptions, refuse } from "./validation.ts"

/** Options of {@link steadfetch}. */
export interface ClientOptions<Abilities extends readonly Ability[] = readonly Ability[]> extends PresetOptions {
  /** What relative URLs stay below. Credentials, headers and query of the client go to its origin only. */
  readonly baseUrl?: string | URL | undefined
  readonly headers?: HeadersInput | undefined
  readonly query?: QueryInput | undefined
  /** `bearer()`, `basic()` or `apiKey()`; needs a baseUrl. */
  readonly auth?: Credentials | undefined
  /** The most bytes of a buffered body. Default 64 MiB. */
  readonly maxBodyBytes?: number | undefined
  /** The whole list, outermost first, in place of `standard()`. */
  readonly policies?: readonly Policy[] | undefined
  /** What sends attempts. Default: `fetchTransport()`. */
  readonly transport?: Transport | undefined
  /** What its calls can do besides: `[paging, eventStreams]`. Default: none. */
  readonly abilities?: Abilities | undefined
  /** Listeners: `{ "attempt-ended": (event) => … }`. */
  readonly on?: Listeners | undefined
  /** Time and randomness, for tests. */
  readonly runtime?: Partial<Runtime> | undefined
}

/** A client, and how to derive another one from it. */
export interface Steadfetch<Methods = unknown> extends Client<Methods> {
  /**
   * A client with these options in place of its own, and these headers, query parameters and abilities beside its own.
   * While only `headers`, `query`, `abilities`, `maxBodyBytes` or the path of `baseUrl` differ, both share retry budget,
   * listeners and the refresh of credentials.
   */
  extend<const Abilities extends readonly Ability[] = []>(
    options: ClientOptions<Abilities>,
  ): Steadfetch<Methods & MethodsOf<Abilities>>
}

/** Options of which a client derived by `extend` may have its own on the same pipeline. */
const PER_CLIENT: readonly string[] = ["baseUrl", "headers", "query", "abilities", "maxBodyBytes"]
const ALL: readonly string[] = [...PER_CLIENT, ...STANDARD_OPTIONS, "auth", "policies", "transport", "on", "runtime"]

/** What clients of one family share. */
interface Shared {
  readonly handler: Handler
  readonly transport: Transport
  readonly runtime: Runtime
}

/**
 * A client for an HTTP API that treats every status the way the API's documentation asks: 2xx succeeds, 4xx comes back
 * at once with the server's explanation, 5xx and no reply are retried, safely, until the deadline says stop.
 * @throws ConfigurationError for options that cannot work.
 */
export function steadfetch<const Abilities extends readonly Ability[] = []>(
  options: ClientOptions<Abilities> = {},
): Steadfetch<MethodsOf<Abilities>> {
  knownOptions("steadfetch", options, ALL)
  const base = options.baseUrl === undefined ? undefined : parseBase(options.baseUrl)
  return family(options, base, headerList(options.headers), share(options, base))
}

/** The types promise the methods that `callClass` puts there. */
function family<Methods>(
  options: ClientOptions,
  base: Base | undefined,
  headers: HeaderList,
  shared: Shared,
): Steadfetch<Methods> {
  // A policy for another place would do nothing, and nobody would notice.
  if (base !== undefined) for (const policy of options.policies ?? options.add ?? []) policy.checkBase?.(base.url)
  const client = createClient({
    base,
    headers,
    query: options.query,
    plainHeaders: new Map(),
    contract: contract(options.contract),
    maxBodyBytes: bodyLimit(options.maxBodyBytes ?? 64 * 1024 * 1024),
    callClass: callClass(options.abilities),
    ...shared,
  }) as Client<Methods>
  return { ...client, extend: (more) => extend(options, base, headers, shared, more) }
}

function extend<Methods>(
  options: ClientOptions,
  base: Base | undefined,
  headers: HeaderList,
  shared: Shared,
  more: ClientOptions,
): Steadfetch<Methods> {
  knownOptions("extend", more, ALL)
  const query = new URLSearchParams(appendQuery("", options.query, more.query))
  const own = headerList(more.headers)
  const abilities = more.abilities === undefined ? options.abilities : [...(options.abilities ?? []), ...more.abilities]
  const merged: ClientOptions = { ...options, ...more, query, abilities, headers: mergeHeaders(headers, own) }
  const newBase = more.baseUrl === undefined ? base : parseBase(more.baseUrl)
  const sameWay = newBase?.origin === base?.origin && Object.keys(more).every((name) => PER_CLIENT.includes(name))
  // Credentials belong to the origin that they were given for: they do not follow a new one by themselves.
  const moved = base !== undefined && newBase?.origin !== base.origin
  const credentials = headers.filter(([name]) => SECRET_HEADER.test(name) && headerValue(own, name) === undefined)
  const carried = credentials.length + secretsIn(appendQuery("", options.query)).length
  if (moved && (carried > 0 || (options.auth !== undefined && more.auth === undefined))) {
    throw new ConfigurationError(
      `extend() changes the origin to ${newBase?.origin}, where the credentials for ${base.origin} ("auth", headers, query) are not sent; give "auth" for it, or make a client of its own with steadfetch()`,
    )
  }
  return family(merged, newBase, headerList(merged.headers), sameWay ? shared : share(merged, newBase))
}

function share(options: ClientOptions, base: Base | undefined): Shared {
  const transport = options.transport ?? fetchTransport()
  const runtime = systemRuntime(options.on, options.runtime)
  return { handler: pipeline(policiesOf(options, base), transport, runtime), transport, runtime }
}

function policiesOf(options: ClientOptions, base: Base | undefined): readonly Policy[] {
  const { policies, auth: credentials } = options
  const doubled = STANDARD_OPTIONS.find((name) => name !== "contract" && options[name] !== undefined)
  if (policies !== undefined && doubled !== undefined) {
    throw new ConfigurationError(
      `"policies" is the whole list, and "${doubled}" is set beside it; write policies: standard({ ${doubled}: … })`,
    )
  }
  const list = policies ?? standard(Object.fromEntries(STANDARD_OPTIONS.map((name) => [name, options[name]])))
  if (credentials === undefined) return list
  if (base === undefined)
    throw new ConfigurationError(`"auth" needs a "baseUrl": credentials are sent to its origin and to no other`)
  const own = typeof credentials === "function" ? credentials(base.origin) : undefined
  if (typeof own?.wrap !== "function")
    refuse("auth", kindOf(credentials), "bearer(token), basic(user, password) or apiKey(key)")
  // What is no list at all is the pipeline's to refuse.
  return arrange([list].flat(), [own])
}
