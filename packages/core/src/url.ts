import { ConfigurationError } from "./steadfetch-error.ts"
import { pairsOf, shown } from "./validation.ts"

/** Values for a query. A list gives one parameter per item; undefined and null are left out. */
export type QueryInput =
  | Readonly<Record<string, QueryValue | readonly QueryValue[]>>
  | Iterable<readonly [name: string, value: string]>

/** One value of a query parameter. */
export type QueryValue = string | number | boolean | bigint | undefined | null

/** Values for the `{names}` of a path template. */
export type PathInput = Readonly<Record<string, string | number | boolean | bigint>>

/** The origin of an absolute http(s) URL, without parsing it: up to the path. "" for a relative one. */
export function originOf(url: string): string {
  const end = /^https?:\/\/[^/?#]*/i.exec(url)
  return end === null ? "" : end[0].toLowerCase()
}

/** A client's base: its URL without a trailing slash, and what a call's URL must stay within. */
export interface Base {
  readonly url: string
  readonly origin: string
  /** The origin with a slash: what an absolute URL of it begins with. */
  readonly root: string
  readonly path: string
}

/**
 * Checks a base URL.
 * @throws ConfigurationError when it is not absolute http(s), or holds credentials, a query or a fragment.
 */
export function parseBase(given: string | URL): Base {
  const url = absolute("baseUrl", String(given))
  if (url.search !== "" || url.hash !== "")
    throw new ConfigurationError(`baseUrl ${shown(url.href)} holds a query or fragment; give "query" beside it`)
  const path = url.pathname.replace(/\/+$/, "")
  return { url: url.origin + path, origin: url.origin, root: `${url.origin}/`, path }
}

/**
 * Segments without dots at their beginning, of characters that a URL parser leaves as they are; the first one, without a
 * slash before it, holds no colon, which would make it a scheme.
 */
const PLAIN_PATH = /^(?:[\w\-~!$'()*+,;=@][\w\-.~!$'()*+,;=@]*)?(?:\/[\w\-~!$'()*+,;=:@][\w\-.~!$'()*+,;=:@]*)*$/

/**
 * The absolute URL of a call. A relative one stays below the base; an absolute one goes where it says.
 * @throws ConfigurationError for a path that would leave the base ("..", "//host", "\"), or a relative one without base.
 */
export function resolveUrl(base: Base | undefined, given: string | URL): string {
  const text = String(given)
  // Most paths need no parser, which costs microseconds.
  if (base !== undefined && text !== "" && PLAIN_PATH.test(text))
    return text.startsWith("/") ? base.url + text : `${base.url}/${text}`
  if (/^[a-z][a-z\d+.-]*:/i.test(text)) return absolute("URL", text).href
  if (base === undefined)
    throw new ConfigurationError(`URL ${shown(text)} is relative; make it absolute, or set "baseUrl"`)
  const url = new URL(base.url + (/^([/?#]|$)/.test(text) ? text : `/${text}`))
  if (/^\/\/|\\/.test(text) || url.origin !== base.origin || !`${url.pathname}/`.startsWith(`${base.path}/`)) {
    throw new ConfigurationError(`path ${shown(text)} leaves ${base.url}; write the whole URL if that is meant`)
  }
  return url.href
}

function absolute(what: string, text: string): URL {
  if (!/^https?:/i.test(text) || !URL.canParse(text))
    throw new ConfigurationError(`${what} ${shown(text)} is not an absolute http(s) URL`)
  const url = new URL(text)
  if (url.username !== "" || url.password !== "")
    throw new ConfigurationError(`${what} for ${url.host} holds a user name or password; use "auth"`)
  return url
}

/**
 * Fills the `{names}` of a path template; each value becomes one encoded segment.
 * @throws ConfigurationError for a name without value, a value without name, and for "", "." and "..", which would change the path.
 */
export function fillPath(template: string, values: PathInput | undefined): string {
  if (values === undefined && !template.includes("{")) return template
  const given = new Map(Object.entries(values ?? {}))
  const unused = new Set(given.keys())
  const filled = template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const value = given.get(name)
    unused.delete(name)
    const text = String(value ?? "")
    if (/^\.{0,2}$|\p{Surrogate}/u.test(text)) {
      throw new ConfigurationError(
        `path value "${name}" of ${template} is ${JSON.stringify(value)}; give a text that is not empty, "." or ".."`,
      )
    }
    return encodeURIComponent(text)
  })
  for (const name of unused) throw new ConfigurationError(`path value "${name}" has no {${name}} in ${template}`)
  return filled
}

/**
 * The path template of a call, as an absolute path: the same for all calls of its kind. Without a query, whose values may
 * be written out in it. Undefined for a URL without `{names}`: whether others are like it, nobody knows.
 */
export function pathTemplate(base: Base | undefined, given: string | URL): string | undefined {
  if (typeof given !== "string" || !given.includes("{")) return undefined
  const template = given.replace(/[?#].*/s, "")
  const path = template.replace(/^https?:\/\/[^/]*/i, "")
  // A relative one stays below the base.
  const below = path === template ? (base?.path ?? "") : ""
  return below + (path.startsWith("/") || (path === "" && below !== "") ? path : `/${path}`)
}

/** Appends query parameters to a URL, before its fragment. */
export function appendQuery(url: string, ...queries: readonly (QueryInput | undefined)[]): string {
  if (queries.every((query) => query === undefined)) return url
  const parameters = new URLSearchParams()
  for (const query of queries) if (query !== undefined) appendAll(parameters, query)
  const added = parameters.toString()
  if (added === "") return url
  const [, address = "", fragment = ""] = /^([^#]*)(.*)$/s.exec(url) ?? []
  return address + (!address.includes("?") ? "?" : /[?&]$/.test(address) ? "" : "&") + added + fragment
}

function appendAll(parameters: URLSearchParams, query: QueryInput): void {
  for (const [name, value] of pairsOf<unknown>("query", query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === undefined || item === null) continue
      if (/object|function|symbol/.test(typeof item)) {
        throw new ConfigurationError(
          `query value "${name}" is of type ${typeof item}; give a text, number or boolean, or a list of them`,
        )
      }
      parameters.append(name, String(item))
    }
  }
}
