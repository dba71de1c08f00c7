import type { RequestOptions } from "steadfetch"
import { repeatedBody } from "./body.ts"
import { cleanUrl, isCredentialField, type CleanUrl } from "./credentials.ts"
import type { RecordedCall } from "./recording.ts"

/** How recorded calls are to be made again. */
export interface RequestPlan {
  readonly unsafe: boolean
  /** The origin that takes the place of the recorded one. */
  readonly to: string | undefined
  readonly withCredentials: boolean
  /** Lower-case names of the header fields that the user gives. */
  readonly givenFields: ReadonlySet<string>
}

/** A call that can be made again. */
export interface ReplayedCall {
  readonly recorded: RecordedCall
  readonly method: string
  readonly url: string
  readonly options: RequestOptions & { readonly headers: readonly (readonly [name: string, value: string])[] }
  /** The recorded credentials that it goes without, by name. */
  readonly without: readonly string[]
}

/** Why a recorded call is not made again. */
export interface LeftOut {
  readonly why: "no-http" | "endless" | "unsafe" | "incomplete"
  /** What it is in this call. */
  readonly what: string
}

/** Safe methods (RFC 9110 §9.2.1, RFC 10008). */
const SAFE: readonly string[] = ["GET", "HEAD", "OPTIONS", "TRACE", "QUERY"]

/** Of one connection, HTTP/2's own, or what the client says for itself. */
const NOT_REPEATED =
  /^:|^(accept-encoding|connection|content-length|expect|host|http2-settings|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/

/** The request that repeats a recorded call, or why there is none. */
export function repeated(recorded: RecordedCall, plan: RequestPlan): ReplayedCall | LeftOut {
  const leftOut = exclusion(recorded, plan)
  if (leftOut !== undefined) return leftOut
  const place = `log.entries[${recorded.entry}].request`
  if (recorded.urlIsCut) return { why: "incomplete", what: `${place}.url was cut` }
  const { url, without, lacking } = placed(recorded.url, recorded.url, plan)
  if (lacking !== undefined)
    return { why: "incomplete", what: `${place}.url has no value for ${JSON.stringify(lacking)}` }
  const content = repeatedBody(recorded)
  if ("lacking" in content) return { why: "incomplete", what: `${place}.postData ${content.lacking}` }
  const { body, contentType } = content
  const fields = repeatedFields(recorded, plan)
  const headers = fields.kept.filter(([name]) => name !== "content-type")
  if (contentType !== undefined && !plan.givenFields.has("content-type")) headers.push(["content-type", contentType])
  return {
    recorded,
    method: recorded.method,
    url: url.href,
    // A browser's recording has an entry for each step of a redirect.
    options: { headers, redirect: "manual", ...(body === undefined ? {} : { body }) },
    without: [...without, ...fields.without],
  }
}

function exclusion({ url, method, status, replyType }: RecordedCall, { unsafe }: RequestPlan): LeftOut | undefined {
  const { protocol } = new URL(url)
  if (!/^https?:$/.test(protocol)) return { why: "no-http", what: protocol }
  if (method === "CONNECT") return { why: "no-http", what: method }
  if (status === 101) return { why: "endless", what: "upgrade" }
  if (/^text\/event-stream\b/i.test(replyType)) return { why: "endless", what: "event stream" }
  return unsafe || SAFE.includes(method) ? undefined : { why: "unsafe", what: method }
}

/** A URL of the recording as it is now, at the new origin where it was at that of the call. */
function placed(recorded: string, callUrl: string, { to, withCredentials }: RequestPlan): CleanUrl {
  const clean = cleanUrl(recorded, withCredentials)
  if (to === undefined || clean.url.origin !== new URL(callUrl).origin) return clean
  const { pathname, search } = clean.url
  return { ...clean, url: new URL(`${to}${pathname}${search}`) }
}

function repeatedFields({ headers, url }: RecordedCall, plan: RequestPlan) {
  const kept: [name: string, value: string][] = []
  const without: string[] = []
  const listed = headers
    .filter(([name]) => /^connection$/i.test(name))
    .flatMap(([, value]) => value.toLowerCase().split(/\s*,\s*/))
  for (const [recordedName, value] of headers) {
    const name = recordedName.toLowerCase()
    if (NOT_REPEATED.test(name) || listed.includes(name) || plan.givenFields.has(name)) continue
    if (isCredentialField(name) && !plan.withCredentials) without.push(name)
    else kept.push([name, whereabouts(name, value, url, plan)])
  }
  return { kept, without }
}

/** Origin and Referer say where a call comes from: when the call moves, they do. */
function whereabouts(name: string, value: string, callUrl: string, plan: RequestPlan): string {
  if (!/^(origin|referer)$/.test(name) || !URL.canParse(value)) return value
  const { url } = placed(value, callUrl, plan)
  return name === "origin" ? url.origin : url.href
}
