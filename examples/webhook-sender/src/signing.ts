import { headerValue, withHeaders, type BodyContent, type Policy } from "@steadfetch/node"
import { RECEIVER_FIELD } from "./deliveries.ts"
import type { Receivers } from "./receivers.ts"
import { inUse, signature } from "./signature.ts"

/**
 * Signs each attempt as it goes out (Standard Webhooks): timestamp and signature are never older than the attempt, and the
 * outbox never sees a secret. Which receiver's secrets, a header field says that stays here.
 */
export function signing(receivers: Receivers): Policy {
  return {
    name: "signing",
    scope: "attempt",
    wrap:
      (next, { clock }) =>
      (exchange) => {
        const { request } = exchange
        const receiver = receivers.get(headerValue(request.headers, RECEIVER_FIELD) ?? "")
        if (receiver === undefined) throw new Error("the receiver of this event was removed")
        const id = headerValue(request.headers, "webhook-id") ?? ""
        const now = clock.date()
        const timestamp = Math.floor(now / 1000)
        const signed = signature(inUse(receiver.secrets, now), id, timestamp, bytesOf(request.body?.open() ?? ""))
        const headers = request.headers.filter(([name]) => name !== RECEIVER_FIELD)
        const own = [["webhook-timestamp", String(timestamp)], ["webhook-signature", signed]] as const // prettier-ignore
        return next({ ...exchange, request: withHeaders(request, [...headers, ...own]) })
      },
  }
}

function bytesOf(content: BodyContent): string | Uint8Array {
  if (typeof content === "string" || content instanceof Uint8Array) return content
  throw new TypeError("an event is not a stream: it is signed as a whole")
}
