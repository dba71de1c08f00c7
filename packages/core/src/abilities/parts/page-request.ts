import type { Call, CallContext } from "../../call.ts"
import type { Signal } from "../../cancellation.ts"
import { headerList, NEUTRAL_FIELD } from "../../headers.ts"
import type { RequestOptions } from "../../request-options.ts"
import { appendQuery, originOf } from "../../url.ts"
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
  return context.follow(method, new URL(withClientQuery(context, request.url)), further)
}

/** A URL with what the client adds to every URL at its origin, but for parameters that the URL has already. */
function withClientQuery(context: CallContext, address: string): string {
  const own = new URL(address).searchParams
  const sent = new URL(context.request("GET", new URL(address), {}).context.address()).searchParams
  return appendQuery(
    address,
    [...sent].slice(own.size).filter(([name]) => !own.has(name)),
  )
}
