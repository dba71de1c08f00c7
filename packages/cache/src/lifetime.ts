import CachePolicy from "http-cache-semantics"
import type { HeaderFields } from "steadfetch"
import { directivesOf, millisecondsOf, type Directives } from "./directives.ts"

/** How long a reply may be used, as its server says. */
export interface Lifetime {
  /** Milliseconds of its age up to which it is fresh (RFC 9111 §4.2.1); 0 when it does not say. */
  readonly freshMs: number
  /** Its age when it came, in milliseconds. */
  readonly ageMs: number
  /** Milliseconds past that for which it may be used while it is renewed (RFC 5861 §3). */
  readonly whileRevalidateMs: number
  /** Milliseconds past that for which it may stand in when the server fails (RFC 5861 §4); undefined when it does not say. */
  readonly ifErrorMs: number | undefined
  /** Whether it must never be used stale (RFC 9111 §5.2.2.2, §5.2.2.4). */
  readonly mustRevalidate: boolean
}

/** Whether to use a stored reply, and how. */
export type Use =
  /** As it is. */
  | "fresh"
  /** Stale, as the request allows. */
  | "max-stale"
  /** Stale, while it is renewed. */
  | "stale-while-revalidate"
  /** Only once the server has been asked. */
  | "validate"

/** What decides over freshness; the rest of a reply's fields does not concern it. */
const FIELDS: readonly string[] = ["cache-control", "pragma", "expires", "age"]

/**
 * How long a reply may be used, or undefined when it must not be kept (RFC 9111 §3). Nothing is guessed: a reply that
 * does not say how long it is fresh is stale from the start.
 * @param requestedAt When its request went out, in milliseconds since 1970.
 */
export function lifetimeOf(status: number, headers: HeaderFields, requestedAt: number): Lifetime | undefined {
  const directives = directivesOf(headers.get("cache-control"))
  const fields: Record<string, string> = {}
  for (const name of FIELDS) {
    const value = headers.get(name)
    if (value !== null) fields[name] = value
  }
  if (directives.size > 0) fields["cache-control"] = written(directives)
  // A reply without a date gets that of its receipt (RFC 9110 §6.6.1).
  const date = headers.get("date")
  fields["date"] = date !== null && Number.isFinite(Date.parse(date)) ? date : new Date(requestedAt).toUTCString()
  // Asked for these two answers alone: its own way with requests never uses what says must-revalidate, and takes names of
  // directives in capitals for unknown ones.
  const policy = new CachePolicy(
    { headers: {} },
    { status, headers: fields },
    { shared: false, cacheHeuristic: 0, immutableMinTimeToLive: 0 },
  )
  if (!policy.storable()) return undefined
  const age = headers.get("age") ?? ""
  return {
    freshMs: policy.maxAge() * 1000,
    ageMs: /^\d+$/.test(age) ? Number(age) * 1000 : 0,
    whileRevalidateMs: millisecondsOf(directives, "stale-while-revalidate") ?? 0,
    ifErrorMs: millisecondsOf(directives, "stale-if-error"),
    mustRevalidate: directives.has("must-revalidate") || directives.has("no-cache"),
  }
}

/** As the library reads it: names in lower case, and what is no number of seconds as 0, which is stale. */
function written(directives: Directives): string {
  const parts = [...directives].map(([name, value]) => {
    if (name === "max-age") return `max-age=${(millisecondsOf(directives, name) ?? 0) / 1000}`
    return value === true || /[,"]/.test(value) ? name : `${name}=${value}`
  })
  return parts.join(", ")
}

/** Milliseconds since the server made it. Negative when the time of day was set back since: nothing is known then. */
export function ageMsOf(reply: Lifetime & { readonly requestedAt: number }, dateMs: number): number {
  const residentMs = dateMs - reply.requestedAt
  return residentMs < 0 ? -1 : reply.ageMs + residentMs
}

/** How a stored reply serves a request with these Cache-Control directives (RFC 9111 §4, §5.2.1). */
export function useOf(reply: Lifetime & { readonly requestedAt: number }, dateMs: number, request: Directives): Use {
  const ageMs = ageMsOf(reply, dateMs)
  const staleMs = ageMs - reply.freshMs
  const limitMs = (name: string): number => millisecondsOf(request, name) ?? Number.POSITIVE_INFINITY
  if (ageMs < 0 || request.has("no-cache") || ageMs > limitMs("max-age")) return "validate"
  if (request.has("min-fresh") && -staleMs < limitMs("min-fresh")) return "validate"
  if (staleMs < 0) return limitMs("max-age") === 0 ? "validate" : "fresh"
  if (reply.mustRevalidate) return "validate"
  const allowsAnyAge = request.get("max-stale") === true
  if (allowsAnyAge || staleMs <= (millisecondsOf(request, "max-stale") ?? -1)) return "max-stale"
  return staleMs < reply.whileRevalidateMs && !request.has("max-age") ? "stale-while-revalidate" : "validate"
}

/** Whether a stored reply may stand in for a server that fails (RFC 5861 §4). */
export function isUsableOnError(
  reply: Lifetime & { readonly requestedAt: number },
  dateMs: number,
  request: Directives,
  usualMs: number,
): boolean {
  const ageMs = ageMsOf(reply, dateMs)
  if (ageMs < 0 || reply.mustRevalidate || request.has("no-cache")) return false
  const allowedMs = millisecondsOf(request, "stale-if-error") ?? reply.ifErrorMs ?? usualMs
  return ageMs - reply.freshMs < allowedMs
}
