import { withHeaders, type Exchange } from "../exchange.ts"
import { field, headerValue } from "../headers.ts"
import type { Policy } from "../pipeline.ts"
import { originOf } from "../url.ts"
import { knownOptions, refuse, shown } from "../validation.ts"

/** Options of {@link idempotency}. */
export interface IdempotencyOptions {
  /** The header field that carries the key. Default "Idempotency-Key". */
  readonly header?: string | undefined
  /** "raw", as vendors commonly take it, or "quoted", a structured-field String as in the IETF draft. Default "raw". */
  readonly format?: "raw" | "quoted" | undefined
  /** Whether to send the key from a web page to another origin, which costs a CORS preflight. Default false. */
  readonly crossOrigin?: boolean | undefined
}

/**
 * Gives POST and PATCH a key made once per call and the same on every attempt, so that the server can tell a retry from
 * a new request (draft-ietf-httpapi-idempotency-key-header). A key that the caller set stays. A call may set its own, or
 * none, with `idempotencyKey`.
 * @param options False: only a call that sets its own key carries one.
 * @throws ConfigurationError when the pipeline is built, for an unknown format; per call, for a key that is no header value.
 */
export function idempotency(options: IdempotencyOptions | false = {}): Policy {
  const { header = "Idempotency-Key", format = "raw", crossOrigin = false } = options || {}
  knownOptions("idempotencyKey", options || {}, ["header", "format", "crossOrigin"])
  if (!["raw", "quoted"].includes(format)) refuse("idempotencyKey.format", shown(format), '"raw" or "quoted"')
  const [name] = field(header, "")
  const wants = (exchange: Exchange, pageOrigin: string | undefined): boolean => {
    const own = exchange.options.idempotencyKey
    if (own !== undefined && own !== false && !(typeof own === "string" && own.trim()))
      refuse("idempotencyKey", shown(own), "a text that is not empty, or false")
    if (own !== undefined) return own !== false
    if (options === false || !["POST", "PATCH"].includes(exchange.request.method)) return false
    return crossOrigin || pageOrigin === undefined || originOf(exchange.request.url) === pageOrigin
  }
  return {
    name: "idempotency",
    scope: "call",
    wrap:
      (next, { uniqueId, pageOrigin }) =>
      (exchange) => {
        const { request } = exchange
        if (!wants(exchange, pageOrigin)) return next(exchange)
        const keyed: Exchange = { ...exchange, keyed: true, idempotencyField: name }
        if (headerValue(request.headers, name) !== undefined) return next(keyed)
        const key = exchange.options.idempotencyKey || uniqueId()
        const value = format === "quoted" ? `"${key.replace(/[\\"]/g, "\\$&")}"` : key
        return next({
          ...keyed,
          request: withHeaders(request, [...request.headers, field(name, value)]),
        })
      },
  }
}
