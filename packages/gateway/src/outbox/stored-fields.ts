import type { HeaderList } from "steadfetch"
import type { RawFields } from "../entry/raw-fields.ts"
import { requestFields } from "../forwarding/request-fields.ts"
import { nameOf, preferencesOf } from "./preferences.ts"

/** Names the upstream of an entry; taken off when it is sent. */
export const UPSTREAM_FIELD = "steadfetch-upstream"
export const ORDERING_FIELD = "steadfetch-ordering-key"
export const LIFETIME_FIELD = "steadfetch-lifetime"

/**
 * Fields of this one request to the gateway, which ends with its answer. The same request again, which its key is to tell,
 * has others. Codings are the gateway's to ask for: it reads the reply.
 */
const OF_THE_MOMENT: ReadonlySet<string> = new Set([
  UPSTREAM_FIELD,
  ORDERING_FIELD,
  LIFETIME_FIELD,
  "accept-encoding",
  "baggage",
  "date",
  "prefer",
  "traceparent",
  "tracestate",
  "x-correlation-id",
  "x-request-id",
])

/** What the gateway has answered of Prefer itself. */
const ANSWERED: ReadonlySet<string> = new Set(["respond-async", "wait"])

/** The fields of a request as they are written down. @param without The names under which its key may have come. */
export function storedFields(raw: RawFields, upstream: string, without: readonly string[]): HeaderList {
  const passed = requestFields({ raw, caller: "", authority: "", via: undefined, forwarded: false })
  const stored = passed.filter(([name]) => !OF_THE_MOMENT.has(name) && !without.includes(name))
  const preferences = preferencesOf(raw).filter((preference) => !ANSWERED.has(nameOf(preference)))
  const prefer = preferences.length === 0 ? [] : [["prefer", preferences.join(", ")] as const]
  return [...stored, ...prefer, [UPSTREAM_FIELD, upstream]]
}
