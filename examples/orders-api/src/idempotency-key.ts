import { invalidRequest } from "./problem.ts"
import { parseItem } from "./structured-field.ts"

const rawPattern = /^[\x21\x23-\x2b\x2d-\x7e]{1,255}$/

/**
 * The key in an Idempotency-Key field: a structured-field string as the draft has it (`"abc"`), or raw (`abc`) as many
 * APIs take it; both name the same key. Throws the 400 when it is neither.
 */
export function readIdempotencyKey(field: string): string {
  if (rawPattern.test(field)) return field
  const item = parseItem(field)
  if (item?.bare.kind === "string" && item.bare.value.length >= 1 && item.bare.value.length <= 255)
    return item.bare.value
  const detail =
    'Idempotency-Key must be 1 to 255 visible characters, raw or as a quoted string such as "8e03978e-40d5"'
  throw invalidRequest([{ header: "Idempotency-Key", detail }])
}
