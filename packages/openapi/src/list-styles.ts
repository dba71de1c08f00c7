import type { ListStyle } from "./description.ts"
import { fields, items, text, type Fields, type Follow } from "./document.ts"

type Styles = Readonly<Record<string, ListStyle>>

/** How the query parameters that are lists are written, but those that have a parameter for each item. */
export function queryLists(parameters: readonly Fields[], follow: Follow): Styles | undefined {
  return styles(
    parameters
      .filter((parameter) => parameter["in"] === "query")
      .map((parameter) => [text(parameter["name"]) ?? "", parameter, parameter["schema"]]),
    follow,
  )
}

/** The same for the fields of a urlencoded form, whose `encoding` says it. */
export function formLists(mediaType: Fields, follow: Follow): Styles | undefined {
  const properties = fields(follow(mediaType["schema"])["properties"])
  return styles(
    Object.entries(fields(mediaType["encoding"])).map(([name, encoding]) => [name, fields(encoding), properties[name]]),
    follow,
  )
}

function styles(
  given: readonly (readonly [name: string, style: Fields, schema: unknown])[],
  follow: Follow,
): Styles | undefined {
  const found = given.flatMap(([name, style, schema]): [string, ListStyle][] => {
    const written = styleOf(style)
    return written !== undefined && mayBeList(schema, follow) ? [[name, written]] : []
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

function styleOf({ style = "form", explode = style === "form" }: Fields): ListStyle | undefined {
  if (style === "deepObject") return "brackets"
  if (style === "spaceDelimited") return "space"
  if (style === "pipeDelimited") return "pipe"
  return explode === false ? "comma" : undefined
}

/** A schema may refer to itself. */
const DEEPEST = 8

function mayBeList(schema: unknown, follow: Follow, depth = 0): boolean {
  const { type, items: itemSchema, anyOf, oneOf, allOf } = follow(schema)
  if (type === "array" || itemSchema !== undefined || (Array.isArray(type) && type.includes("array"))) return true
  if (depth === DEEPEST) return false
  return [anyOf, oneOf, allOf].some((list) => items(list).some((part) => mayBeList(part, follow, depth + 1)))
}
