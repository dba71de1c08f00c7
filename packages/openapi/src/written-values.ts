import type { ValueStyle } from "./description.ts"

type Values = Readonly<Record<string, unknown>>
type Styles = Readonly<Record<string, ValueStyle>> | undefined

const SEPARATORS: Readonly<Record<Exclude<ValueStyle, "brackets" | "members">, string>> = {
  comma: ",",
  space: " ",
  pipe: "|",
}

/**
 * Names and values as a query or a urlencoded form has them. A list is a parameter for each item and an object has
 * brackets, `created[gte]=1`, unless their style says otherwise. What is undefined or null is left out.
 */
export function writtenValues(values: Values, styles: Styles): [name: string, value: string][] {
  return Object.entries(values).flatMap(([name, value]) => written(name, value, styles?.[name]))
}

function written(name: string, value: unknown, style: ValueStyle | undefined): [string, string][] {
  if (isAbsent(value)) return []
  if (typeof value !== "object" || value instanceof Date) return [[name, textOf(value)]]
  const isList = Array.isArray(value)
  const members = Object.entries(value)
  if (style === "brackets" || (style === undefined && !isList)) return nested(name, members)
  if (style === undefined || style === "members")
    return members.flatMap(([key, item]) => written(isList ? name : key, item, isList ? "brackets" : undefined))
  const parts = members.filter(([, item]) => !isAbsent(item))
  const texts = parts.flatMap(([key, item]) => (isList ? [textOf(item)] : [key, textOf(item)]))
  // A list of nothing is no value (RFC 6570 §2.3).
  return texts.length === 0 ? [] : [[name, texts.join(SEPARATORS[style])]]
}

function nested(name: string, members: readonly (readonly [string, unknown])[]): [string, string][] {
  return members.flatMap(([key, value]) => written(`${name}[${key}]`, value, "brackets"))
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

/** One value as a text; an object where only a text can be is JSON. */
function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  return typeof value === "object" ? JSON.stringify(value) : (value as string | number | boolean | bigint).toString()
}

/** The fields of a multipart form: files as they are, lists as a field for each item, objects as JSON. */
export function multipartForm(values: Values): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(values)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (isAbsent(item)) continue
      if (item instanceof Blob) form.append(name, item)
      else form.append(name, textOf(item))
    }
  }
  return form
}
