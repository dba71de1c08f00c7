import { ConfigurationError } from "./steadfetch-error.ts"
import { pairsOf } from "./validation.ts"

/** Header fields of a request, in order, with lower-case names. Plain data: no web object on the hot path. */
export type HeaderList = readonly (readonly [name: string, value: string])[]

/** Header fields of a reply. The web's `Headers` is one; so is what a transport parses itself. */
export interface HeaderFields extends Iterable<[string, string]> {
  /** The field's value, several lines joined with ", " (RFC 9110 §5.3); null when it is absent. */
  get(name: string): string | null
}

/** Header fields as users give them. A value that is undefined or null means: no such field. */
export type HeadersInput =
  | Readonly<Record<string, string | number | undefined | null>>
  | Iterable<readonly [name: string, value: string]>

/** A method, or a field's name (RFC 9110 §5.6.2). */
export const TOKEN: RegExp = /^[!#$%&'*+\-.^_`|~\w]+$/

/**
 * Fields that may go to another origin; all others may be credentials, validators or keys meant for the first one. Range
 * does not go without If-Range: it could get a part of another representation than its sender has the rest of; nor does a
 * part of an upload without what tus says of it.
 */
export const NEUTRAL_FIELD: RegExp =
  /^(accept(-.*)?|content-(type|language|encoding|length)|user-agent|cache-control|pragma|(if-)?range|tus-resumable|upload-(offset|length|metadata|checksum))$/

const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Checks and lowers header fields given by a user (RFC 9110 §5.1, §5.5).
 * @throws ConfigurationError for a name that is no token or a value that would inject a line; the value is not shown.
 */
export function headerList(input: HeadersInput | undefined): HeaderList {
  if (input === undefined) return []
  return pairsOf<string | number | undefined | null>("headers", input).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [field(name, String(value))],
  )
}

/** One checked header field. The value, which may be a credential, is not shown. */
export function field(name: string, value: string): [name: string, value: string] {
  const trimmed = value.trim()
  if (typeof name !== "string" || !TOKEN.test(name))
    throw new ConfigurationError(`header name ${JSON.stringify(name)} is no token (RFC 9110 §5.1)`)
  if (!VALUE.test(trimmed))
    throw new ConfigurationError(`header "${name}" holds a line break or a character beyond Latin-1; encode it`)
  return [name.toLowerCase(), trimmed]
}

/** The value of a field, by its lower-case name. */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  for (const [key, value] of headers) if (key === name) return value
  return undefined
}

/** The first list with the second's fields in place of its own of the same name. */
export function mergeHeaders(base: HeaderList, over: HeaderList): HeaderList {
  if (over.length === 0) return base
  if (base.length === 0) return over
  return [...base.filter(([name]) => headerValue(over, name) === undefined), ...over]
}
