/** Directives of a Cache-Control field by their lower-case names; true without an argument (RFC 9111 §5.2). */
export type Directives = ReadonlyMap<string, string | true>

const DIRECTIVE = /([!#$%&'*+\-.^_`|~\w]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;]*)))?/g

/** Reads a Cache-Control field. Of a directive that comes twice the first one counts (RFC 9111 §4.2.1). */
export function directivesOf(field: string | null | undefined): Directives {
  const directives = new Map<string, string | true>()
  for (const [, name = "", quoted, token] of (field ?? "").matchAll(DIRECTIVE)) {
    const key = name.toLowerCase()
    if (!directives.has(key)) directives.set(key, quoted?.replace(/\\(.)/g, "$1") ?? token ?? true)
  }
  return directives
}

/** The milliseconds that a directive names: none without it, 0 when its argument is no number (so that all is stale). */
export function millisecondsOf(directives: Directives, name: string): number | undefined {
  const value = directives.get(name)
  if (value === undefined) return undefined
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) * 1000 : 0
}
