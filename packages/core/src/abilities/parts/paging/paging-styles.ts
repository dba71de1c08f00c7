import { isRecord, memberAt, withMember } from "../../../algorithms/members.ts"
import { parseLinks, type WebLink } from "../../../algorithms/web-links.ts"
import type { Success } from "../../../call-outcome.ts"
import { appendQuery } from "../../../url.ts"
import { kindOf, knownOptions, refuse, whole } from "../../../validation.ts"
import type { PageRequest, PagingStyle, ReceivedPage, Spot } from "./paging-style.ts"

/** Into which parameter of the query, or which member of the JSON body ("page.after"), a style writes. */
export type ParameterPlace = { readonly query: string } | { readonly json: string }

/** Options of {@link byCursor}. */
export type CursorOptions = ParameterPlace & {
  /** Whether there is a next page: "has_more". Default: there is one when there is a cursor. */
  readonly more?: Spot | undefined
} & (
    | {
        /** Where the reply says the cursor of its next page: "response_metadata.next_cursor". */
        readonly cursor: Spot
      }
    | {
        /** The member of a page's last item that the next page comes after: "id". */
        readonly lastItem: string
      }
  )

/** Options of {@link byPage}. */
export type PageNumberOptions = Partial<ParameterPlace> & {
  /** The number of the first page, where the call does not say one. Default 1. */
  readonly first?: number | undefined
  /** Where the reply says how many pages there are. Default: until a page is empty. */
  readonly totalPages?: Spot | undefined
  /** Whether there is a next page. */
  readonly more?: Spot | undefined
}

/** Options of {@link byOffset}. */
export type OffsetOptions = Partial<ParameterPlace> & {
  /** Where the reply says how many items there are. Default: until a page is empty. */
  readonly total?: Spot | undefined
  /** Whether there is a next page. */
  readonly more?: Spot | undefined
}

/**
 * The next page is where the Link field with `rel="next"` points (RFC 8288): GitHub, GitLab, Shopify, WordPress. A link
 * with an anchor is about something else and does not count.
 */
export function byLink(): PagingStyle {
  return {
    name: "link",
    next: ({ reply }) => {
      const next = linksOf(reply).find(({ relations }) => relations.includes("next"))
      return next === undefined ? undefined : resolved(next.target, reply.url)
    },
    request: atUrl,
  }
}

/**
 * The next page's URL stands in the body, as text or as `{ href }`: `byNextUrl("links.next")`. A page without it, or with
 * null or "" there, is the last one.
 * @throws ConfigurationError for what is no place in a body.
 */
export function byNextUrl(spot: Spot): PagingStyle {
  checkSpots("byNextUrl", { spot: spot ?? null })
  return {
    name: "url",
    next: ({ body, reply }) => {
      const found = valueAt(spot, body, reply)
      const url = isRecord(found) && "href" in found ? found["href"] : found
      return typeof url === "string" && url !== "" ? resolved(url, reply.url) : orNone(url)
    },
    request: atUrl,
  }
}

/**
 * The next page is asked for with a cursor that stands in the page before it, or with the last item of that page:
 * `byCursor({ cursor: "next_cursor", query: "cursor" })`, `byCursor({ lastItem: "id", more: "has_more", query: "starting_after" })`.
 * `json` in place of `query` puts it into the JSON body of a POST.
 * @throws ConfigurationError for options that cannot work.
 */
export function byCursor(options: CursorOptions): PagingStyle {
  knownOptions("byCursor", options, ["cursor", "lastItem", "more", "query", "json"])
  const { cursor, lastItem, more } = { cursor: undefined, lastItem: undefined, ...options }
  checkSpots("byCursor", { cursor, lastItem, more })
  if ((cursor === undefined) === (lastItem === undefined))
    refuse("byCursor", "where the cursor stands is not clear", 'one of "cursor" and "lastItem"')
  const parameter = new Parameter("byCursor", options)
  return {
    name: "cursor",
    next: (page) => {
      if (more !== undefined && !says(page, more)) return undefined
      const found =
        cursor === undefined ? memberAt(page.items.at(-1), lastItem ?? "") : valueAt(cursor, page.body, page.reply)
      const next = orNone(found)
      if (next === undefined && (more !== undefined || (cursor === undefined && page.items.length > 0)))
        page.refuse(`there is more, it says, and there is no ${cursor === undefined ? `"${lastItem}" in its last item` : "cursor"} to go on with`) // prettier-ignore
      return next
    },
    request: (position, first) =>
      orNone(position) === undefined || !parameter.takes(position) ? undefined : parameter.write(first, position),
  }
}

/**
 * Pages have numbers: `?page=2`. It starts with the number that the call itself gives, and ends with the last page,
 * where the reply tells it, else with the first page that has no items.
 * @throws ConfigurationError for options that cannot work.
 */
export function byPage(options: PageNumberOptions = {}): PagingStyle {
  knownOptions("byPage", options, ["query", "json", "first", "totalPages", "more"])
  const { first = 1, totalPages, more } = options
  whole("byPage.first", first, 0)
  checkSpots("byPage", { totalPages, more })
  return counted("byPage", "page", options, (page, number = first) => {
    if (totalPages === undefined) return more === undefined && page.items.length === 0 ? undefined : number + 1
    return number - first + 1 < countAt(totalPages, "totalPages", page) ? number + 1 : undefined
  })
}

/**
 * Pages begin at a number of items: `?offset=100`. It starts with the offset that the call itself gives, goes on by as
 * many items as came, and ends when that is all of them, where the reply tells it, or with a page that has no items.
 * @throws ConfigurationError for options that cannot work.
 */
export function byOffset(options: OffsetOptions = {}): PagingStyle {
  knownOptions("byOffset", options, ["query", "json", "total", "more"])
  const { total, more } = options
  checkSpots("byOffset", { total, more })
  return counted("byOffset", "offset", options, (page, offset = 0) => {
    const next = offset + page.items.length
    if (total !== undefined && next >= countAt(total, "total", page)) return undefined
    if (next > offset) return next
    return total === undefined && more === undefined
      ? undefined
      : page.refuse("there are more items, it says, and none came")
  })
}

/** A style whose positions are whole numbers. */
function counted(
  owner: string,
  name: string,
  options: Partial<ParameterPlace> & { readonly more?: Spot | undefined },
  next: (page: ReceivedPage, current: number | undefined) => number | undefined,
): PagingStyle {
  const parameter = new Parameter(owner, options, name)
  const { more } = options
  return {
    name,
    next: (page) => {
      if (more !== undefined && !says(page, more)) return undefined
      const current = parameter.read(page.request)
      const count = current === undefined ? undefined : numberOf(current)
      if (current !== undefined && count === undefined)
        page.refuse(`the call's "${parameter.name}" is no whole number, so the next one is not known`)
      return next(page, count)
    },
    request: (position, first) =>
      typeof position === "number" && numberOf(position) !== undefined ? parameter.write(first, position) : undefined,
  }
}

/** A parameter of the query, or a member of the JSON body. */
class Parameter {
  readonly name: string
  readonly #isInBody: boolean

  constructor(owner: string, options: Partial<ParameterPlace>, otherwise?: string) {
    const { query, json } = { query: undefined, json: undefined, ...options }
    const name = json ?? query ?? otherwise
    if (typeof name !== "string" || name === "" || (json !== undefined && query !== undefined))
      refuse(owner, "where the next request says its page is not clear", "one of \"query\" and \"json\", as text") // prettier-ignore
    this.name = name
    this.#isInBody = json !== undefined
  }

  takes(value: unknown): boolean {
    return this.#isInBody || typeof value === "string" || typeof value === "number"
  }

  read({ url, json }: PageRequest): unknown {
    return this.#isInBody ? memberAt(json, this.name) : (new URL(url).searchParams.get(this.name) ?? undefined)
  }

  write(request: PageRequest, value: unknown): PageRequest {
    if (this.#isInBody) return { ...request, json: withMember(request.json, this.name, value) }
    const url = new URL(request.url)
    // URLSearchParams would write the others anew: "%20" as "+", "$filter" as "%24filter".
    const others = url.search
      .slice(1)
      .split("&")
      .filter((pair) => !new URLSearchParams(pair).has(this.name))
    url.search = others.join("&")
    return { ...request, url: appendQuery(url.href, [[this.name, String(value)]]) }
  }
}

/** The links of a reply to others: one with an anchor is from somewhere else. */
export function linksOf({ headers }: Success): WebLink[] {
  return parseLinks(headers.get("link") ?? "").filter(({ parameters }) => !parameters.has("anchor"))
}

/** What stands at a place of a reply. */
export function valueAt(spot: Spot, body: unknown, reply: Success): unknown {
  return typeof spot === "function" ? spot(body, reply) : memberAt(body, spot)
}

/** @throws ConfigurationError for what is no place in a reply. */
export function checkSpots(owner: string, spots: Readonly<Record<string, unknown>>): void {
  for (const [name, spot] of Object.entries(spots)) {
    if (spot !== undefined && typeof spot !== "function" && (typeof spot !== "string" || spot === ""))
      refuse(`${owner}.${name}`, kindOf(spot), 'a path, "meta.next", or a function of the body')
  }
}

function says({ body, reply }: ReceivedPage, spot: Spot): boolean {
  const found = orNone(valueAt(spot, body, reply))
  return found !== undefined && found !== 0 && found !== "false"
}

function countAt(spot: Spot, name: string, page: ReceivedPage): number {
  const found = valueAt(spot, page.body, page.reply)
  return numberOf(found) ?? page.refuse(`"${name}" should be a number there, and is ${kindOf(found)}`)
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined
}

/** What servers write where there is no next page counts as nothing. */
function orNone(value: unknown): unknown {
  return value === null || value === "" || value === false ? undefined : value
}

/** A URL that cannot be resolved stays as it is, and is refused as any other that is not absolute. */
function resolved(reference: string, base: string): string {
  return URL.canParse(reference, base) ? new URL(reference, base).href : reference
}

function atUrl(position: unknown, first: PageRequest): PageRequest | undefined {
  return typeof position === "string" ? { ...first, url: position } : undefined
}
