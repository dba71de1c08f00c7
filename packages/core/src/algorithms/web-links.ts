/** A link of a Link field. */
export interface WebLink {
  /** As it is written: it may be relative. */
  readonly target: string
  /** Relation types, in lower case. */
  readonly relations: readonly string[]
  /** The first parameter of each name, by lower-case name; "" where it has no value. */
  readonly parameters: ReadonlyMap<string, string>
}

const SEPARATORS = /[\s,]*/y
const TARGET = /<([^>]*)>/y
const PARAMETER = /\s*;\s*([^\s=;,"]*)\s*(?:=\s*(?:"((?:\\[^]|[^"\\])*)(?:"|\\?$)|([^;,]*)))?/y
/** Up to the next link: what is in quotes or angle brackets does not end one. */
const REST = /(?:"(?:\\[^]|[^"\\])*(?:"|\\?$)|<[^>]*>?|[^,"<]+)*/y

/**
 * The links of a Link field (RFC 8288 §3, Appendix B.2). What is malformed is passed over up to the next comma, so that
 * one server's slip does not hide the other links.
 */
export function parseLinks(field: string): WebLink[] {
  const links: WebLink[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(field)
    if (found !== null) at = pattern.lastIndex
    return found
  }
  while (at < field.length) {
    take(SEPARATORS)
    const target = take(TARGET)?.[1]
    if (target !== undefined) {
      const parameters = new Map<string, string>()
      for (let found = take(PARAMETER); found !== null; found = take(PARAMETER)) {
        const [, name = "", quoted, token] = found
        const key = name.toLowerCase()
        if (key !== "" && !parameters.has(key))
          parameters.set(key, quoted?.replace(/\\(.)/gs, "$1") ?? token?.trim() ?? "")
      }
      const relations = (parameters.get("rel") ?? "").toLowerCase().split(/\s+/).filter(Boolean)
      links.push({ target, relations, parameters })
    }
    take(REST)
  }
  return links
}
