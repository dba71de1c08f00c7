import * as v from "valibot"

type Issue = v.BaseIssue<unknown>

/** A value that is left out, or undefined in code. */
export const optional = v.optional

export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER, or = "") {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`
  const message = (issue: Issue): string => `is ${issue.received}; use a whole number ${range}${or}`
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message))
}

export function orFalse(schema: v.GenericSchema) {
  return v.lazy((value): v.GenericSchema => (value === false ? v.literal(false) : schema))
}

export function oneOf<const Options extends readonly string[]>(options: Options) {
  return v.picklist(options, (issue) => `is ${issue.received}; use ${listed(options)}`)
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(" or ")
}

/** An object with these fields and no others. What it holds in their stead is not shown: it may be a secret. */
export function fields<Entries extends v.ObjectEntries>(entries: Entries, name = "an object") {
  const known = Object.keys(entries).join(", ")
  return v.strictObject(entries, (issue) => {
    if (issue.expected === "Object") return `is no object; use ${name} with ${known}`
    return issue.expected === "never" ? `is no field here; the fields are ${known}` : "is missing; add it"
  })
}

export const text = v.pipe(
  v.string((issue) => `is ${issue.received}; use a text`),
  v.minLength(1, "is empty; use a text"),
)
export const flag = v.boolean((issue) => `is ${issue.received}; use true or false`)
export const bytes = wholeNumber(0)
export const ms = wholeNumber(1, 2 ** 31 - 1)
export const limitMs = orFalse(wholeNumber(1, 2 ** 31 - 1, ", or false for no limit"))

/** Never shows what it was given: that would be the secret itself. */
const noSecret = v.custom<never>(
  () => false,
  "holds no secret itself; write { env: NAME } for an environment variable or { file: PATH } for a file",
)
export const secretFields = { env: { env: text }, file: { file: text } }
export const secret = v.lazy((value): v.GenericSchema => {
  if (typeof value !== "object" || value === null) return noSecret
  if ("file" in value) return fields(secretFields.file)
  return "env" in value ? fields(secretFields.env) : noSecret
})

/** Either of several objects, told apart by a field that only one of them has. */
export function byField(kinds: Readonly<Record<string, v.GenericSchema>>) {
  const names = listed(Object.keys(kinds))
  return v.lazy((value): v.GenericSchema => {
    const isObject = typeof value === "object" && value !== null
    const kind = isObject ? Object.keys(kinds).find((name) => name in value) : undefined
    return (
      (kind === undefined ? undefined : kinds[kind]) ??
      v.custom<never>(() => false, `is none of its kinds; use an object with ${names}`)
    )
  })
}
