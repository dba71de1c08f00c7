import { propagation, type Context } from "@opentelemetry/api"
import { refuse, shown, withHeaders, type Exchange, type HeaderList } from "steadfetch"

/** Whether trace context and baggage go along with a request. */
export type MayCarry = (exchange: Exchange, pageOrigin: string | undefined) => boolean

/**
 * By default they go where the call goes: not to another origin that a redirect, or a URL in a reply, names, and from a web page to
 * its own origin only, since any other would be asked first (CORS).
 * @throws ConfigurationError for what is no list of origins.
 */
export function mayCarry(propagateTo: readonly string[] | undefined): MayCarry {
  if (propagateTo !== undefined) {
    const origins = new Set(Array.isArray(propagateTo) ? propagateTo.map(checkedOrigin) : refused(propagateTo))
    return ({ request }) => origins.has(originOf(request.url))
  }
  return ({ request, redirectedFrom }, pageOrigin) => {
    const home = pageOrigin ?? (redirectedFrom === undefined ? undefined : originOf(redirectedFrom))
    return home === undefined || originOf(request.url) === home
  }
}

/** The exchange with what the global propagator writes, in place of fields of the same names. */
export function carrying(exchange: Exchange, context: Context): Exchange {
  const fields: [string, string][] = []
  propagation.inject(context, fields, { set: (list, name, value) => list.push([name.toLowerCase(), value]) })
  if (fields.length === 0) return exchange
  const { request } = exchange
  const isReplaced = (name: string): boolean => fields.some(([own]) => own === name)
  const headers: HeaderList = [...request.headers.filter(([name]) => !isReplaced(name)), ...fields]
  return { ...exchange, request: withHeaders(request, headers) }
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : ""
}

function checkedOrigin(given: unknown): string {
  const origin = typeof given === "string" ? originOf(given) : ""
  return origin !== "" && origin === String(given).toLowerCase() ? origin : refused(given)
}

function refused(given: unknown): never {
  return refuse("telemetry.propagateTo", shown(given), 'a list of origins: ["https://api.example.com"]')
}
