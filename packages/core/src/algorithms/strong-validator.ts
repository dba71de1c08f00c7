import { parseHttpDate } from "./http-date.ts"

const STRONG_ETAG = /^"[\x21\x23-\x7e\x80-\xff]*"$/

/**
 * How much later than Last-Modified a reply must have been made for the date to tell two versions apart: two clocks may
 * have set them (RFC 9110 §8.8.2.2; RFC 7232 named a minute).
 */
const CERTAIN_AFTER_MS = 60_000

/** Whether a validator is an entity tag; else it is a date. */
export function isEntityTag(validator: string): boolean {
  return validator.startsWith('"')
}

/**
 * What If-Range may say of a representation (RFC 9110 §13.1.5): its strong entity tag; or, where it has no entity tag at
 * all, a Last-Modified that is strong. Undefined when neither is there.
 * @param get A field of the reply that holds the representation.
 * @param dateMs The time of day.
 */
export function strongValidator(get: (name: string) => string | null, dateMs: number): string | undefined {
  const etag = get("etag")?.trim()
  if (etag !== undefined) return STRONG_ETAG.test(etag) ? etag : undefined
  const lastModified = get("last-modified")?.trim() ?? ""
  const modifiedAt = parseHttpDate(lastModified, dateMs)
  const madeAt = parseHttpDate(get("date")?.trim() ?? "", dateMs)
  if (modifiedAt === undefined || madeAt === undefined) return undefined
  return madeAt - modifiedAt >= CERTAIN_AFTER_MS ? lastModified : undefined
}
