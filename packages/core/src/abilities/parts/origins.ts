import { redactUrl } from "../../redaction.ts"
import { kindOf, refuse, shown } from "../../validation.ts"

/** Where the URLs that a server gives may lead. */
export interface Reach {
  /** The URL of the call. */
  readonly home: URL
  /** Origins that are allowed besides its own. */
  readonly origins: ReadonlySet<string>
}

/**
 * Where a call may be led.
 * @param owner Whose option `origins` is.
 * @throws ConfigurationError for what is no origin, or leaves TLS.
 */
export function reach(owner: string, address: string, origins: readonly string[] = []): Reach {
  const home = new URL(address)
  const name = `${owner}.origins`
  const given: readonly unknown[] = Array.isArray(origins)
    ? origins
    : refuse(name, kindOf(origins), 'a list: ["https://eu.api.example.com"]')
  const allowed = given.map((origin) => {
    const url = typeof origin === "string" && URL.canParse(origin) ? new URL(origin) : undefined
    if (url?.href === `${url?.origin}/` && /^https?:$/.test(url.protocol) && !leavesTls(url, home)) return url.origin
    return refuse(name, shown(origin), `origins with ${home.protocol}, as "https://eu.api.example.com"`)
  })
  return { home, origins: new Set(allowed) }
}

/** Where a URL is and why it may not be asked there; undefined when it may. */
export function objection({ home, origins }: Reach, target: string): string | undefined {
  const shown = redactUrl(target)
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) return `${shown}, which is not an absolute http(s) URL`
  if (url.username !== "" || url.password !== "") return `${shown}, which holds a user name or password`
  if (url.origin === home.origin || origins.has(url.origin)) return undefined
  if (leavesTls(url, home))
    return `${shown}, without TLS; the server, or a proxy before it, writes http: where it means https:`
  return `${shown}, another origin; if that is meant, allow it with origins: ["${url.origin}"]`
}

function leavesTls(url: URL, home: URL): boolean {
  return url.protocol === "http:" && home.protocol === "https:"
}
