import type { Call, CallContext } from "../../call.ts"
import type { Signal } from "../../cancellation.ts"
import { headerList, NEUTRAL_FIELD } from "../../headers.ts"
import type { RequestOptions } from "../../request-options.ts"
import { originOf } from "../../url.ts"
import type { PageRequest } from "./paging-style.ts"

/**
 * The call for a page: as the call of the list, but for the URL and the JSON body. Keys that make a request unique are
 * not repeated, and at another origin the call's own fields are left out as they are after a redirect.
 */
export function callFor(context: CallContext, first: PageRequest, request: PageRequest, signal: Signal): Call {
  const { method, options } = context
  if (request === first) return context.request(method, context.url, { ...options, signal })
  const isAway = originOf(request.url) !== originOf(first.url)
  const headers = headerList(options.headers).filter(([name]) =>
    isAway ? NEUTRAL_FIELD.test(name) : name !== "idempotency-key",
  )
  const further: RequestOptions = {
    ...options,
    headers,
    signal,
    path: undefined,
    query: undefined,
    json: request.json,
    idempotencyKey: options.idempotencyKey === false ? false : undefined,
  }
  return context.request(method, withoutClientQuery(context, request.url), further)
}

/** The client adds its own query to every URL at its origin: what the server repeats of it would be sent twice. */
function withoutClientQuery(context: CallContext, address: string): URL {
  const url = new URL(address)
  const sent = new URL(context.request(context.method, url, {}).context.address())
  for (const [name, value] of [...sent.searchParams].slice(url.searchParams.size)) {
    if (url.searchParams.has(name, value)) url.searchParams.delete(name, value)
  }
  return url
}
