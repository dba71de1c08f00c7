import { isIPv6 } from "node:net"
import type { HeaderList } from "steadfetch"
import type { Upstream } from "../configuration/configuration.ts"
import { TOKEN_FIELD } from "../entry/admission.ts"
import type { RawFields } from "../entry/raw-fields.ts"
import { hopByHop } from "./hop-by-hop.ts"

/** Fields that the gateway itself answers, or that its own connection to the upstream has anew. */
const OWN: ReadonlySet<string> = new Set([
  "content-length",
  "expect",
  "host",
  "http2-settings",
  "max-forwards",
  "proxy-authorization",
  "trailer",
  TOKEN_FIELD,
])

/** What tells of a caller, also as servers know it that get fields by CGI's names (RFC 3875 §4.1.18). */
const FORWARDED = /^(forwarded|x[-_]real[-_]ip|x[-_]forwarded[-_].*)$/

/** Those of them that the gateway sends itself. */
const TOLD: ReadonlySet<string> = new Set(["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"])

/** What a request's new header fields are made of. */
export interface Passage {
  readonly raw: RawFields
  /** The caller's address. */
  readonly caller: string
  /** What the caller named as the server. */
  readonly authority: string
  /** This gateway's name in Via; undefined sends none. */
  readonly via: string | undefined
  readonly forwarded: Upstream["forwarded"]
}

/** The header fields of the request as it goes on to the upstream. */
export function requestFields({ raw, caller, authority, via, forwarded = "replace" }: Passage): HeaderList {
  const list: [string, string][] = []
  const isHopByHop = hopByHop(raw)
  const said = new Map<string, string>()
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase()
    const value = raw[index + 1] ?? ""
    if (OWN.has(name)) {
      if (name === "max-forwards") list.push([name, oneLess(value)])
    } else if (isHopByHop(name)) continue
    else if (FORWARDED.test(name) && forwarded !== "append") continue
    else if (TOLD.has(name)) said.set(name, said.has(name) ? `${said.get(name)}, ${value}` : value)
    else list.push([name, value])
  }
  if (via !== undefined) list.push(["via", `1.1 ${via}`])
  if (forwarded !== false) tellOfCaller(list, said, caller, authority)
  return list
}

/** Forwarded (RFC 7239), and the older fields that most servers know. */
function tellOfCaller(list: [string, string][], said: Map<string, string>, caller: string, authority: string): void {
  const behind = (name: string, value: string): string => (said.has(name) ? `${said.get(name)}, ${value}` : value)
  const node = isIPv6(caller) ? `"[${caller}]"` : caller
  list.push(
    ["forwarded", behind("forwarded", `for=${node};host="${authority}";proto=http`)],
    ["x-forwarded-for", behind("x-forwarded-for", caller)],
    ["x-forwarded-host", said.get("x-forwarded-host") ?? authority],
    ["x-forwarded-proto", said.get("x-forwarded-proto") ?? "http"],
  )
}

/** RFC 9110 §7.6.2; what is no number is left as it is. */
function oneLess(value: string): string {
  return /^\d{1,9}$/.test(value) ? String(Math.max(0, Number(value) - 1)) : value
}
