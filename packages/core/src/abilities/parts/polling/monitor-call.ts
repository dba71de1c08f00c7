import type { Call, CallContext } from "../../../call.ts"
import type { CallOutcome, Success } from "../../../call-outcome.ts"
import { headerList } from "../../../headers.ts"
import type { RequestOptions } from "../../../request-options.ts"

/** The most that is read of a monitor where the result is wanted as a stream; a longer body is the result. */
const MOST_MONITOR_BYTES = 1 << 20

/** Fields of a call that make no sense where its monitor or its result is asked for. */
const ABOUT_THE_CALL = /^(content-|if-|(idempotency-key|range|prefer)$)/

/**
 * The GET for a monitor or a result: as the call that began it, but for its body and what is about that.
 */
export function monitorCall(context: CallContext, url: string, isBrief: boolean): Call {
  const { options } = context
  return context.follow("GET", new URL(url), {
    ...options,
    headers: headerList(options.headers).filter(([name]) => !ABOUT_THE_CALL.test(name)),
    maxBodyBytes: isBrief ? briefly(options) : options.maxBodyBytes,
    path: undefined,
    query: undefined,
    json: undefined,
    requestSchema: undefined,
    form: undefined,
    body: undefined,
    idempotencyKey: undefined,
    redirect: undefined,
  })
}

/** The same call again, read as a monitor. */
export function briefCall(context: CallContext): Call {
  const { method, url, options } = context
  return context.request(method, url, { ...options, maxBodyBytes: briefly(options) })
}

function briefly({ maxBodyBytes = MOST_MONITOR_BYTES }: RequestOptions): number {
  return Math.min(maxBodyBytes, MOST_MONITOR_BYTES)
}

/** Whether there is no reply because it is longer than what is read of a monitor. */
export function isTooLong(outcome: CallOutcome): boolean {
  return outcome.kind === "no-reply" && outcome.error.code === "too-large"
}

/** The JSON of a reply that may hold anything; undefined for what is none. */
export async function jsonOf(reply: Success): Promise<unknown> {
  if (!/json/i.test(reply.headers.get("content-type") ?? "json")) return undefined
  return reply.json().catch(() => undefined)
}
