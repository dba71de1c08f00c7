import { isRecord } from "../../../algorithms/members.ts"
import { isStreamBody } from "../../../body.ts"
import type { CallContext } from "../../../call.ts"
import { kindOf, knownOptions, refuse, shown, whole } from "../../../validation.ts"
import { objection, reach, type Reach } from "../origins.ts"
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
  readonly reach: Reach
}

/** @throws ConfigurationError for options that cannot work. */
export function pagePlan(context: CallContext, options: PagesOptions, detection: Detection | undefined): PagePlan {
  knownOptions("pages", options, OPTIONS)
  const { by, items, from, maxPages, maxItems, prefetch = true, origins } = options
  if (by !== undefined || detection === undefined) checkStyle(by)
  checkSpots("pages", { items })
  if (maxPages !== undefined) whole("pages.maxPages", maxPages, 1)
  if (maxItems !== undefined) whole("pages.maxItems", maxItems, 1)
  if (typeof prefetch !== "boolean") refuse("pages.prefetch", shown(prefetch), "true or false")
  if (isStreamBody(context.options.body))
    refuse(
      "pages.body",
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
    reach: reach("pages", first.url, origins),
  }
  return { ...plan, start: startAt(plan, from) }
}

function checkStyle(by: PagingStyle | undefined): void {
  if (!isRecord(by) || typeof by.next !== "function" || typeof by.request !== "function" || !/^[\w-]+$/.test(by.name))
    refuse("pages.by", kindOf(by), "byLink(), byNextUrl(…), byCursor({ … }), byPage() or byOffset()")
}

/** Reads a cursor, which may come from anywhere: it says where in this list, and nothing else. Its text is not shown. */
function startAt(
  plan: Pick<PagePlan, "context" | "first" | "by" | "detection" | "reach">,
  from: string | undefined,
): Place | undefined {
  if (from === undefined || from === FIRST) return undefined
  const { by, context, detection, first } = plan
  const fix = "what a page's cursor or next, or resumeAt, said"
  const [, name = "", json = ""] = (typeof from === "string" && /^([^:]+):(.+)$/s.exec(from)) || []
  const style = by ?? detection?.named(name, context.method)
  const position = parsed(json)
  if (position === undefined || style === undefined)
    return refuse("pages.from", `${kindOf(from)} that is no cursor`, fix)
  if (style.name !== name)
    refuse("pages.from", `a cursor of ${JSON.stringify(name.slice(0, 40))}`, `one of "${style.name}", as "by" says`)
  const request = style.request(position, first)
  if (request === undefined) return refuse("pages.from", `a cursor of "${name}" that it cannot have made`, fix)
  const why = objection(plan.reach, request.url)
  if (why !== undefined) refuse("pages.from", `a cursor that leads to ${why}`, fix)
  return { style, position, request }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
