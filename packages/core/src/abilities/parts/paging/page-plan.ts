import { isRecord } from "../../../algorithms/members.ts"
import type { CallContext } from "../../../call.ts"
import { redactUrl } from "../../../redaction.ts"
import { kindOf, knownOptions, refuse, shown, whole } from "../../../validation.ts"
import { FIRST, type Place } from "./list-page.ts"
import type { PagesOptions } from "./pages.ts"
import type { Detection, PageRequest, PagingStyle, Spot } from "./paging-style.ts"
import { checkSpots } from "./paging-styles.ts"

/** More pages than that, unasked, are taken for a list that never ends. */
export const MOST_PAGES = 10_000

const OPTIONS: readonly string[] = ["by", "items", "from", "maxPages", "maxItems", "prefetch", "origins"]

/** What all iterations over a list have in common, checked. */
export interface PagePlan {
  readonly context: CallContext
  /** What the call itself asks for. */
  readonly first: PageRequest
  /** Undefined while the first page has to tell. */
  readonly by: PagingStyle | undefined
  readonly detection: Detection | undefined
  readonly items: Spot | undefined
  /** Where to begin; undefined for the call's own request. */
  readonly start: Place | undefined
  /** Undefined when nobody set a limit. */
  readonly maxPages: number | undefined
  readonly maxItems: number | undefined
  readonly prefetch: boolean
  readonly origins: ReadonlySet<string>
}

/** @throws ConfigurationError for options that cannot work. */
export function pagePlan(context: CallContext, options: PagesOptions, detection: Detection | undefined): PagePlan {
  knownOptions("pages", options, OPTIONS)
  const { by, items, from, maxPages, maxItems, prefetch = true, origins = [] } = options
  if (by !== undefined || detection === undefined) checkStyle(by)
  checkSpots("pages", { items })
  if (maxPages !== undefined) whole("pages: maxPages", maxPages, 1)
  if (maxItems !== undefined) whole("pages: maxItems", maxItems, 1)
  if (typeof prefetch !== "boolean") refuse("pages: prefetch", shown(prefetch), "true or false")
  if (isReadOnce(context.options.body))
    refuse(
      "pages: body",
      "a stream, which one page would use up",
      '"json", a text, or a function that opens a fresh one',
    )
  const first: PageRequest = { url: context.address(), json: context.options.json }
  const plan = {
    context,
    first,
    by,
    detection,
    items,
    maxPages,
    maxItems,
    prefetch,
    origins: allowed(origins, first.url),
  }
  return { ...plan, start: startAt(plan, from) }
}

function checkStyle(by: PagingStyle | undefined): void {
  if (!isRecord(by) || typeof by.next !== "function" || typeof by.request !== "function" || !/^[\w-]+$/.test(by.name))
    refuse("pages: by", kindOf(by), "byLink(), byNextUrl(…), byCursor({ … }), byPage() or byOffset()")
}

/** Why a page may not be asked for at a URL; undefined when it may. */
export function objection({ first, origins }: Pick<PagePlan, "first" | "origins">, target: string): string | undefined {
  const shown = redactUrl(target)
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) return `${shown}, which is not an absolute http(s) URL`
  if (url.username !== "" || url.password !== "") return `${shown}, which holds a user name or password`
  const home = new URL(first.url)
  if (url.origin === home.origin || origins.has(url.origin)) return undefined
  if (isDowngrade(url, home))
    return `${shown}, without TLS; the server, or a proxy before it, writes http: where it means https:`
  return `${shown}, at another origin; if that is meant, allow it with origins: ["${url.origin}"]`
}

function allowed(origins: readonly string[], first: string): ReadonlySet<string> {
  if (!Array.isArray(origins)) refuse("pages: origins", kindOf(origins), 'a list: ["https://eu.api.example.com"]')
  const home = new URL(first)
  return new Set(
    origins.map((given: unknown) => {
      const url = typeof given === "string" && URL.canParse(given) ? new URL(given) : undefined
      if (url === undefined || !/^https?:$/.test(url.protocol) || isDowngrade(url, home))
        return refuse("pages: origins", shown(given), `origins with ${home.protocol}, as "https://eu.api.example.com"`)
      return url.origin
    }),
  )
}

function isDowngrade(url: URL, home: URL): boolean {
  return url.protocol === "http:" && home.protocol === "https:"
}

/** Reads a cursor, which may come from anywhere: it says where in this list, and nothing else. Its text is not shown. */
function startAt(
  plan: Pick<PagePlan, "context" | "first" | "by" | "detection" | "origins">,
  from: string | undefined,
): Place | undefined {
  if (from === undefined || from === FIRST) return undefined
  const { by, context, detection, first } = plan
  const fix = "what a page's cursor or next, or resumeAt, said"
  const [, name = "", json = ""] = (typeof from === "string" && /^([^:]+):(.+)$/s.exec(from)) || []
  const style = by ?? detection?.named(name, context.method)
  const position = parsed(json)
  if (position === undefined || style === undefined)
    return refuse("pages: from", `${kindOf(from)} that is no cursor`, fix)
  if (style.name !== name)
    refuse("pages: from", `a cursor of ${JSON.stringify(name.slice(0, 40))}`, `one of "${style.name}", as "by" says`)
  const request = style.request(position, first)
  if (request === undefined) return refuse("pages: from", `a cursor of "${name}" that it cannot have made`, fix)
  const why = objection(plan, request.url)
  if (why !== undefined) refuse("pages: from", `a cursor that leads to ${why}`, fix)
  return { style, position, request }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** Node streams, web streams and other iterables. */
function isReadOnce(body: unknown): boolean {
  return typeof body === "object" && body !== null && (Symbol.asyncIterator in body || "getReader" in body)
}
