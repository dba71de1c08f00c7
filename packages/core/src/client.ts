import type { Call, CallClass, CallContext } from "./call.ts"
import type { CallOutcome } from "./call-outcome.ts"
import type { Signal } from "./cancellation.ts"
import { callOutcome } from "./call-end.ts"
import { CallRecord } from "./call-record.ts"
import { contract, type Contract } from "./contract.ts"
import type { Listener, EventMap } from "./events.ts"
import type { Exchange, Reading } from "./exchange.ts"
import { field, headerList, mergeHeaders, NEUTRAL_FIELD, type HeaderList, type HeadersInput } from "./headers.ts"
import type { Handler, Transport } from "./pipeline.ts"
import type { RequestOptions } from "./request-options.ts"
import { conforming, requestBody, requestMethod } from "./request-parts.ts"
import { redactText, SECRET_HEADER, secretsIn } from "./redaction.ts"
import type { Runtime } from "./runtime.ts"
import {
  appendQuery,
  fillPath,
  originOf,
  parseBase,
  pathTemplate,
  resolveUrl,
  type Base,
  type QueryInput,
} from "./url.ts"
import { checked, checkSignal, kindOf, knownOptions, refuse, shown } from "./validation.ts"

/** The verbs and what belongs to them. Calls go out when they are awaited or read. `Methods` are what its abilities add to each call. */
export interface Client<Methods = unknown> {
  get(url: string | URL, options?: RequestOptions): Call & Methods
  head(url: string | URL, options?: RequestOptions): Call & Methods
  post(url: string | URL, options?: RequestOptions): Call & Methods
  put(url: string | URL, options?: RequestOptions): Call & Methods
  patch(url: string | URL, options?: RequestOptions): Call & Methods
  delete(url: string | URL, options?: RequestOptions): Call & Methods
  /** Any method. Methods are case-sensitive (RFC 9110 §9.1), but GET and the like are sent in capitals in any case. */
  request(method: string, url: string | URL, options?: RequestOptions): Call & Methods
  /** Listens to the client's events; returns how to stop. */
  on<K extends keyof EventMap>(type: K, listener: Listener<K>): () => void
  /** Frees what the transport holds open. */
  close(): Promise<void>
}

/** A client's parts, checked and put together. */
export interface ClientParts {
  readonly base: Base | undefined
  /** Sent to the base's origin only, or everywhere when there is no base. */
  readonly headers: HeaderList
  /** Added to the base's origin's URLs only, or to all when there is no base. */
  readonly query: QueryInput | undefined
  /** The headers of calls that bring none, by what they accept; filled as they are made. */
  readonly plainHeaders: Map<string | undefined, CheckedHeaders>
  readonly contract: Contract
  readonly maxBodyBytes: number
  readonly callClass: CallClass
  /** The URL whose reply named that of a call. */
  readonly followedFrom?: string | undefined
  readonly handler: Handler
  readonly transport: Transport
  readonly runtime: Runtime
}

/** Header fields, and the credentials among their values. */
interface CheckedHeaders {
  readonly list: HeaderList
  readonly secrets: readonly string[]
}

const OPTION_NAMES: readonly string[] = [
  "path", "query", "headers", "json", "requestSchema", "form", "body", "signal", "maxBodyBytes",
  "retry", "timeout", "deadline", "idempotencyKey", "contract", "auth", "redirect",
] // prettier-ignore

const NO_OPTIONS: RequestOptions = {}

/** A client over a pipeline. `steadfetch()` puts the parts together. */
export function createClient(parts: ClientParts): Client {
  const request = (method: string, url: string | URL, options: RequestOptions = NO_OPTIONS): Call =>
    new parts.callClass(new Asked(parts, method, url, options))
  return {
    get: (url, options) => request("GET", url, options),
    head: (url, options) => request("HEAD", url, options),
    post: (url, options) => request("POST", url, options),
    put: (url, options) => request("PUT", url, options),
    patch: (url, options) => request("PATCH", url, options),
    delete: (url, options) => request("DELETE", url, options),
    request,
    on: (type, listener) => parts.runtime.events.on(type, listener),
    close: () => parts.transport.close(),
  }
}

/** What was asked for, and of which client. */
class Asked implements CallContext {
  readonly method: string
  readonly url: string | URL
  readonly options: RequestOptions
  readonly #parts: ClientParts

  constructor(parts: ClientParts, method: string, url: string | URL, options: RequestOptions) {
    this.#parts = parts
    this.method = method
    this.url = url
    this.options = options
  }

  get runtime(): Runtime {
    return this.#parts.runtime
  }

  address(): string {
    return addressOf(this.#parts, this.url, this.options).url
  }

  request(method: string, url: string | URL, options: RequestOptions): Call {
    return new this.#parts.callClass(new Asked(this.#parts, method, url, options))
  }

  follow(method: string, url: URL, options: RequestOptions): Call {
    const address = this.address()
    const origin = originOf(address)
    const { base = parseBase(origin), query } = this.#parts
    const added = [...new URLSearchParams(appendQuery("", query))].filter(([name]) => !url.searchParams.has(name))
    const kept = headerList(options.headers).filter(([name]) => url.origin === origin || NEUTRAL_FIELD.test(name))
    const parts: ClientParts = { ...this.#parts, base, query: added, followedFrom: this.#parts.followedFrom ?? address }
    return new parts.callClass(new Asked(parts, method, url, { ...options, headers: kept }))
  }

  send(reading: Reading, accept: string | undefined, signal?: Signal): Promise<CallOutcome> {
    const options = signal === undefined ? this.options : { ...this.options, signal }
    return perform(this.#parts, this.method, this.url, options, reading, accept)
  }
}

/** Checks a limit on buffered bodies. @throws ConfigurationError for anything but a number of bytes. */
export function bodyLimit(bytes: number): number {
  return checked("maxBodyBytes", bytes, 0)
}

async function perform(
  parts: ClientParts,
  method: string,
  target: string | URL,
  options: RequestOptions,
  reading: Reading,
  accept: string | undefined,
) {
  const { runtime } = parts
  if (options !== NO_OPTIONS) checkOptions(options)
  if (options.requestSchema !== undefined) options = await conforming(options)
  const table = options.contract === undefined ? parts.contract : contract(options.contract)
  const exchange = outgoing(parts, method, target, options, reading, accept)
  if (options.signal?.aborted === true) {
    exchange.request.body?.discard?.()
    throw options.signal.reason
  }
  const outcome = await parts.handler(exchange)
  return callOutcome(outcome, exchange.request.url, exchange.record, table, runtime.clock)
}

function checkOptions(options: RequestOptions): void {
  knownOptions("the call", options, OPTION_NAMES)
  const { signal, auth } = options
  checkSignal(signal)
  if (![undefined, false].includes(auth)) refuse("auth", kindOf(auth), 'false, or an "authorization" header')
}

function outgoing(
  parts: ClientParts,
  given: string,
  target: string | URL,
  options: RequestOptions,
  reading: Reading,
  accept: string | undefined,
): Exchange {
  const { runtime } = parts
  const method = given === "GET" ? given : requestMethod(given)
  const { url, atHome } = addressOf(parts, target, options)
  const body = requestBody(options, method, runtime.uniqueId)
  const { list: headers, secrets: known } = headersOf(parts, atHome, options.headers, body?.contentType, accept)
  const secrets = [...known]
  return {
    request: { method, url, headers, body: body?.source ?? null },
    reading,
    signal: options.signal,
    deadlineAt: Number.POSITIVE_INFINITY,
    maxBodyBytes: options.maxBodyBytes === undefined ? parts.maxBodyBytes : bodyLimit(options.maxBodyBytes),
    keyed: false,
    options,
    watch: undefined,
    redirectedFrom: parts.followedFrom,
    secrets,
    record: new CallRecord(
      method,
      url,
      runtime.clock.date(),
      (text) => redactText(text, [...secrets, ...secretsIn(url)]),
      pathTemplate(parts.base, target),
    ),
  }
}

/** Where a call goes, and whether that is the origin that the client's headers, query and credentials are for. */
function addressOf(
  { base, query }: ClientParts,
  target: string | URL,
  options: RequestOptions,
): { readonly url: string; readonly atHome: boolean } {
  if (typeof target !== "string" && typeof target?.href !== "string") refuse("URL", shown(target), "a text or a URL")
  const address = resolveUrl(base, typeof target === "string" ? fillPath(target, options.path) : target)
  const atHome = base === undefined || address.startsWith(base.root) || originOf(address) === base.origin
  return { url: appendQuery(address, atHome ? query : undefined, options.query), atHome }
}

/** The same list for every plain call, so that neither we nor a transport build one each time. */
function headersOf(
  { headers, plainHeaders }: ClientParts,
  atHome: boolean,
  own: HeadersInput | undefined,
  contentType: string | undefined,
  accept: string | undefined,
): CheckedHeaders {
  const isPlain = atHome && own === undefined && contentType === undefined
  const kept = isPlain ? plainHeaders.get(accept) : undefined
  if (kept !== undefined) return kept
  const implied: [string, string][] = accept === undefined ? [] : [["accept", accept]]
  if (contentType !== undefined) implied.push(field("content-type", contentType))
  const list = mergeHeaders(mergeHeaders(implied, atHome ? headers : []), headerList(own))
  const secrets = list.filter(([name]) => SECRET_HEADER.test(name)).map(([, value]) => value)
  const made = { list, secrets }
  if (isPlain) plainHeaders.set(accept, made)
  return made
}
