import { createHash, timingSafeEqual } from "node:crypto"
import type { AllowList } from "../configuration/configuration.ts"
import type { Problem } from "../problem.ts"
import { valuesOf, type RawFields } from "./raw-fields.ts"
import { hostOf } from "./target.ts"

/** The field that carries the gateway's own token; it goes no further. */
export const TOKEN_FIELD = "steadfetch-token"

/** Decides who may use a gateway. */
export interface Admission {
  /** What keeps this request out; undefined when nothing does. */
  refusal(raw: RawFields, authority: string): Problem | undefined
  /** Whether a token was shown. Also when none is needed. */
  knows(token: string | undefined): boolean
}

/**
 * Lets in who names the gateway as it is known, is no web page that it was not told of, and shows the token.
 * A page in a browser on this machine can reach loopback, by its own name for it (DNS rebinding) or with requests that it
 * may not read the replies of: hence Host, Origin and Sec-Fetch-Site.
 * @param names Further names in Host that are its own.
 */
export function admission(allow: AllowList, names: readonly string[], token: (() => string) | undefined): Admission {
  const hosts = new Set([...names, ...(allow.hosts ?? [])].map((name) => name.toLowerCase()))
  const origins = new Set(allow.origins)
  const knows = (shown: string | undefined): boolean =>
    token === undefined || (shown !== undefined && timingSafeEqual(digest(shown), digest(token())))
  return {
    knows,
    refusal(raw, authority) {
      const host = hostOf(authority)
      if (host === undefined || !(hosts.has("*") || hosts.has(host) || isLoopbackName(host))) return misdirected(host)
      const foreign = foreignPage(raw, origins)
      if (foreign !== undefined) return foreign
      const [shown] = valuesOf(raw, TOKEN_FIELD)
      return knows(shown) ? undefined : tokenWanted(shown)
    },
  }
}

/** Names that never leave the machine (RFC 6761 §6.3), and its own addresses. */
function isLoopbackName(host: string): boolean {
  return host === "[::1]" || host === "localhost" || host.endsWith(".localhost") || /^127(\.\d{1,3}){3}$/.test(host)
}

function misdirected(host: string | undefined): Problem {
  const who = host === undefined ? "Host is no name" : `This gateway is not known as ${host}`
  const detail = `${who}. Name it as it is known, or add the name to allow.hosts in its configuration.`
  return { status: 421, code: "unknown-host", detail }
}

function foreignPage(raw: RawFields, origins: ReadonlySet<string>): Problem | undefined {
  const given = valuesOf(raw, "origin")
  const [site] = valuesOf(raw, "sec-fetch-site")
  const isKnown = given.every((origin) => origins.has(origin))
  const isAlone = given.length > 0 || site === undefined || site === "none" || site === "same-origin"
  if (isKnown && isAlone) return undefined
  const detail = "Web pages may not use this gateway, unless their origin is in allow.origins of its configuration."
  return { status: 403, code: "web-page", detail }
}

function tokenWanted(shown: string | undefined): Problem {
  const what = shown === undefined ? "This gateway wants a token" : "The token is not this gateway's"
  const detail = `${what}. Send the one that it was started with in the header field Steadfetch-Token.`
  return { status: 401, code: "token", detail, fields: ["WWW-Authenticate", 'Steadfetch-Token realm="steadfetch"'] }
}

/** Of equal length, so that comparing takes equally long. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}
