import type { ListStyle } from "./description.ts"

type Values = Readonly<Record<string, unknown>>
type Styles = Readonly<Record<string, ListStyle>> | undefined

const SEPARATORS: Readonly<Record<Exclude<ListStyle, "brackets">, string>> = { comma: ",", space: " ", pipe: "|" }

/**
 * Names and values as a query or a urlencoded form has them. A list is a parameter for each item, unless its style says
 * otherwise; objects have brackets, `created[gte]=1`. What is undefined or null is left out.
 */
export function writtenValues(values: Values, styles: Styles): [name: string, value: string][] {
  return Object.entries(values).flatMap(([name, value]) => written(name, value, styles?.[name]))
}

function written(name: string, value: unknown, style: ListStyle | undefined): [string, string][] {
  if (value === undefined || value === null) return []
  if (value instanceof Date) return [[name, value.toISOString()]]
  if (typeof value !== "object") return [[name, (value as string | number | boolean | bigint).toString()]]
  if (!Array.isArray(value)) return nested(name, Object.entries(value))
  if (style === "brackets") return nested(name, value.entries())
  if (style === undefined) return value.flatMap((item) => written(name, item, "brackets"))
  return [[name, value.join(SEPARATORS[style])]]
}

function nested(name: string, entries: Iterable<readonly [string | number, unknown]>): [string, string][] {
  return [...entries].flatMap(([key, value]) => written(`${name}[${key}]`, value, "brackets"))
}

/** The fields of a multipart form: files as they are, lists as a field for each item, objects as JSON. */
export function multipartForm(values: Values): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(values)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === undefined || item === null) continue
      if (item instanceof Blob) form.append(name, item)
      else form.append(name, typeof item === "object" ? JSON.stringify(item) : String(item))
    }
  }
  return form
}
