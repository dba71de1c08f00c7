import { ConfigurationError } from "steadfetch"

/** An object of a parsed document, before anything is known of it. */
export type Fields = Readonly<Record<string, unknown>>

/** What a value of the document stands for: itself, or what its `$ref` names. */
export type Follow = (value: unknown) => Fields

/** The fields of an object; none of anything else. */
export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

/** The objects of a list; none of anything else. */
export function items(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fields) : []
}

/** A text; undefined for anything else. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined
}

/** Follows references within the document. @throws ConfigurationError for one that leads nowhere, or out of the document. */
export function references(document: Fields): Follow {
  const follow = (value: unknown, seen: readonly string[]): Fields => {
    const reference = text(fields(value)["$ref"])
    if (reference === undefined) return fields(value)
    const target = reference.startsWith("#/") && !seen.includes(reference) ? pointedAt(document, reference) : undefined
    if (target === undefined)
      throw new ConfigurationError(
        `the document's $ref ${JSON.stringify(reference)} leads nowhere in it; bundle a document of several files first`,
      )
    return follow(target, [...seen, reference])
  }
  return (value) => follow(value, [])
}

/** What is no encoding stands for itself. */
function decoded(part: string): string {
  return part.replace(/(?:%[\da-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded)
    } catch {
      return encoded
    }
  })
}

function pointedAt(document: Fields, reference: string): unknown {
  return reference
    .slice(2)
    .split("/")
    .map((part) => decoded(part).replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((value, name) => (Array.isArray(value) ? value[Number(name)] : fields(value)[name]), document)
}
