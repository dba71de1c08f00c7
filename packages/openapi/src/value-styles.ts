import type { ValueStyle } from "./description.ts"
import { fields, items, text, type Fields, type Follow } from "./document.ts"

type Styles = Readonly<Record<string, ValueStyle>>

/** How query parameters that are lists or objects are written, but lists with a parameter for each item, and objects with brackets. */
export function queryStyles(parameters: readonly Fields[], follow: Follow): Styles | undefined {
  return styles(
    parameters
      .filter((parameter) => parameter["in"] === "query")
      .map((parameter) => [text(parameter["name"]) ?? "", parameter, parameter["schema"]]),
    follow,
  )
}

/** The same for the fields of a urlencoded form, whose `encoding` says it: one that names neither is about something else. */
export function formStyles(mediaType: Fields, follow: Follow): Styles | undefined {
  const properties = fields(follow(mediaType["schema"])["properties"])
  return styles(
    Object.entries(fields(mediaType["encoding"]))
      .map(([name, encoding]) => [name, fields(encoding), properties[name]] as const)
      .filter(([, { style, explode }]) => style !== undefined || explode !== undefined),
    follow,
  )
}

function styles(
  given: readonly (readonly [name: string, style: Fields, schema: unknown])[],
  follow: Follow,
): Styles | undefined {
  const found = given.flatMap(([name, style, schema]): [string, ValueStyle][] => {
    const written = styleOf(style)
    return written !== undefined && KINDS[written].some((kind) => mayBe(kind, schema, follow)) ? [[name, written]] : []
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

function styleOf({ style = "form", explode = style === "form" }: Fields): ValueStyle | undefined {
  if (style === "deepObject") return "brackets"
  if (style === "spaceDelimited") return "space"
  if (style === "pipeDelimited") return "pipe"
  return explode === false ? "comma" : "members"
}

type Kind = "array" | "object"

/** What is written otherwise than usual in each style. */
const KINDS: Readonly<Record<ValueStyle, readonly Kind[]>> = {
  brackets: ["array"],
  members: ["object"],
  comma: ["array", "object"],
  space: ["array", "object"],
  pipe: ["array", "object"],
}

/** What says so where the type does not. */
const KEYWORDS: Readonly<Record<Kind, string>> = { array: "items", object: "properties" }

/** A schema may refer to itself. */
const DEEPEST = 8

function mayBe(kind: Kind, schema: unknown, follow: Follow, depth = 0): boolean {
  const { type, [KEYWORDS[kind]]: members, anyOf, oneOf, allOf } = follow(schema)
  if (type === kind || members !== undefined || (Array.isArray(type) && type.includes(kind))) return true
  if (depth === DEEPEST) return false
  return [anyOf, oneOf, allOf].some((list) => items(list).some((part) => mayBe(kind, part, follow, depth + 1)))
}
