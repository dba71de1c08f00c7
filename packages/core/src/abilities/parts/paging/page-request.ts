import type { Call, CallContext } from "../../../call.ts"
import type { Signal } from "../../../cancellation.ts"
import { headerList } from "../../../headers.ts"
import type { RequestOptions } from "../../../request-options.ts"
import type { PageRequest } from "./paging-style.ts"

/**
 * The call for a page: as the call of the list, but for the URL and the JSON body. Keys that make a request unique are
 * not repeated.
 */
export function callFor(context: CallContext, first: PageRequest, request: PageRequest, signal: Signal): Call {
  const { method, options } = context
  if (request === first) return context.request(method, context.url, { ...options, signal })
  const headers = headerList(options.headers).filter(([name]) => name !== "idempotency-key")
  const further: RequestOptions = {
    ...options,
    headers,
    signal,
    path: undefined,
    query: undefined,
    json: request.json,
    idempotencyKey: options.idempotencyKey === false ? false : undefined,
  }
  return context.follow(method, new URL(request.url), further)
}
