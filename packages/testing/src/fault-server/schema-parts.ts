import * as v from "valibot"
import { hasBrokenPlaceholder } from "./placeholders.ts"
import type { Body, HeaderFields } from "./steps.ts"
import { LONGEST_DELAY_MS } from "./system-clock.ts"

type Issue = v.BaseIssue<unknown>

export function wholeNumber(least: number, most: number) {
  const message = (issue: Issue): string => `is ${issue.received}; use a whole number from ${least} to ${most}`
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message))
}

export function oneOf<const Options extends readonly string[]>(options: Options) {
  return v.picklist(
    options,
    (issue) => `is ${issue.received}; use ${options.map((option) => `"${option}"`).join(", ")}`,
  )
}

/** An object with these fields and no others. */
export function fields<Entries extends v.ObjectEntries>(entries: Entries) {
  return v.strictObject(entries, (issue) => {
    if (issue.expected === "Object") return `is ${issue.received}; use an object`
    const known = Object.keys(entries).join(", ")
    return issue.expected === "never" ? `is no field here; the fields are ${known}` : "is missing; add it"
  })
}

export const count = wholeNumber(0, Number.MAX_SAFE_INTEGER)
export const delayMs = wholeNumber(0, LONGEST_DELAY_MS)
export const severance = oneOf(["reset", "close", "silence"])
export const text = v.string((issue) => `is ${issue.received}; use a text`)

const fieldName = v.pipe(
  text,
  v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, (issue) => `${issue.received} is no field name; use letters, digits and -`),
)
const fieldContent = v.pipe(
  text,
  v.regex(
    /^[\t\x20-\x7e\x80-\xff]*$/,
    "has a character that no field value can carry; remove it, or use a garbage step",
  ),
  v.check(
    (value) => !hasBrokenPlaceholder(value),
    "has a broken placeholder; write {origin}, {origin:name}, {date} or {date+2s}",
  ),
)
const fieldContents = v.lazy((value) => (Array.isArray(value) ? v.array(fieldContent) : fieldContent))
export const headers: v.GenericSchema<unknown, HeaderFields> = v.record(
  fieldName,
  fieldContents,
  (issue) => `is ${issue.received}; use an object of names and values`,
)

export const base64Body = fields({
  base64: v.pipe(
    text,
    v.regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, "is no base64; encode the bytes anew"),
  ),
})
const jsonBody = fields({
  json: v.pipe(
    v.unknown(),
    v.check((value) => JSON.stringify(value) !== undefined, "is nothing that JSON has; use data"),
  ),
})
const patternBody = fields({ bytes: count })
const endlessBody = fields({
  endless: v.literal(true, (issue) => `is ${issue.received}; use true, or leave the body out`),
})
const noBody = v.custom<never>(
  () => false,
  'is no body; use a text, {"json": …}, {"base64": "…"}, {"bytes": n} or {"endless": true}',
)

export const body: v.GenericSchema<unknown, Body> = v.lazy((value): v.GenericSchema<unknown, Body> => {
  if (typeof value === "string") return text
  if (typeof value !== "object" || value === null) return noBody
  if ("json" in value) return jsonBody
  if ("base64" in value) return base64Body
  if ("bytes" in value) return patternBody
  return "endless" in value ? endlessBody : noBody
})
