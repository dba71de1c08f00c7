import { fields, text, type Fields, type Follow } from "../document.ts"

/** Which way a body goes: what is read-only does not belong in a request, what is write-only not in a reply. */
export type Direction = "request" | "reply"

/** The JSON Schema dialect of OpenAPI 3.0 differs from all others; that of 3.1 is JSON Schema 2020-12 itself. */
export type Dialect = "3.0" | "3.1"

const MAPS: readonly string[] = ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"]
const LISTS: readonly string[] = ["allOf", "anyOf", "oneOf", "prefixItems"]
const SINGLE: readonly string[] = [
  "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
  "unevaluatedItems", "unevaluatedProperties",
] // prettier-ignore

/** Beside the schema proper; examples may look like schemas. */
const ANNOTATIONS: readonly string[] = ["example", "examples", "default", "xml", "externalDocs", "discriminator", "$id"]

/** Turns schemas of a document into JSON Schema 2020-12. */
export class SchemaDialect {
  readonly #dialect: Dialect
  readonly #direction: Direction
  readonly #follow: Follow
  readonly #idOf: (reference: string) => string

  /** @param idOf The id under which the schema that a reference names will be known. */
  constructor(dialect: Dialect, direction: Direction, follow: Follow, idOf: (reference: string) => string) {
    this.#dialect = dialect
    this.#direction = direction
    this.#follow = follow
    this.#idOf = idOf
  }

  /** The schema with all that is in it. */
  converted(schema: unknown): unknown {
    if (typeof schema !== "object" || schema === null) return schema
    const given = fields(schema)
    const reference = text(given["$ref"])
    if (reference !== undefined && this.#dialect === "3.0") return { $ref: this.#idOf(reference) }
    const whole = Object.fromEntries(
      Object.entries(given).flatMap(([name, value]) =>
        ANNOTATIONS.includes(name) ? [] : [[name, this.#keyword(name, value, given)]],
      ),
    )
    return this.#dialect === "3.0" ? modernized(whole) : whole
  }

  #keyword(name: string, value: unknown, schema: Fields): unknown {
    if (name === "$ref" && typeof value === "string") return this.#idOf(value)
    if (MAPS.includes(name))
      return Object.fromEntries(Object.entries(fields(value)).map(([key, part]) => [key, this.converted(part)]))
    if (LISTS.includes(name) && Array.isArray(value)) return value.map((part) => this.converted(part))
    if (SINGLE.includes(name)) return this.converted(value)
    if (name === "required" && Array.isArray(value)) return this.#required(value, fields(schema["properties"]))
    return value
  }

  #required(names: readonly unknown[], properties: Fields): readonly unknown[] {
    const absent = this.#direction === "request" ? "readOnly" : "writeOnly"
    return names.filter((name) => {
      const property = fields(properties[String(name)])
      return property[absent] !== true && (property["$ref"] === undefined || this.#follow(property)[absent] !== true)
    })
  }
}

/** A schema of OpenAPI 3.0 in the words of today: `nullable`, and bounds that are excluded by a flag. */
function modernized(schema: Fields): Fields {
  const { nullable, exclusiveMinimum, exclusiveMaximum, minimum, maximum, ...rest } = schema
  const bounded: Fields = {
    ...rest,
    ...bound("minimum", "exclusiveMinimum", minimum, exclusiveMinimum),
    ...bound("maximum", "exclusiveMaximum", maximum, exclusiveMaximum),
  }
  return nullable === true ? orNull(bounded) : bounded
}

function orNull(schema: Fields): Fields {
  const { type, enum: allowed } = schema
  if (typeof type !== "string") return { anyOf: [{ type: "null" }, schema] }
  return { ...schema, type: [type, "null"], ...(Array.isArray(allowed) ? { enum: [...allowed, null] } : {}) }
}

function bound(name: string, exclusive: string, limit: unknown, isExclusive: unknown): Fields {
  if (typeof limit !== "number") return {}
  return isExclusive === true ? { [exclusive]: limit } : { [name]: limit }
}
