import { redactUrl, type HeaderFields } from "steadfetch"

/**
 * Fields of replies that say how one came about and what follows from it. A list of what is kept, and not of what is left
 * out: a field that nobody has heard of may hold a secret or somebody's name.
 */
const KEPT = new Set([
  "content-type", "content-length", "content-encoding", "retry-after", "location", "allow", "age", "via", "cache-control",
  "etag", "x-request-id", "request-id", "x-correlation-id",
  "ratelimit", "ratelimit-policy", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset",
  "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset",
]) // prettier-ignore

const MOST = 12
const LONGEST_VALUE = 200

/** Those fields of a reply that are kept, without what `redact` takes out. */
export function replyFields(headers: HeaderFields, redact: (text: string) => string): (readonly [string, string])[] {
  const kept: (readonly [string, string])[] = []
  for (const [name, value] of headers) {
    if (!KEPT.has(name)) continue
    const clean = redact(name === "location" ? redactUrl(value) : value)
    kept.push([name, clean.length > LONGEST_VALUE ? `${clean.slice(0, LONGEST_VALUE - 1)}…` : clean])
    if (kept.length === MOST) break
  }
  return kept
}
