import { isRecord, memberAt } from "../../../algorithms/members.ts"
import type { Success } from "../../../call-outcome.ts"
import { totalIn } from "./page-contents.ts"
import type { Detection, PagingStyle, ReceivedPage } from "./paging-style.ts"
import { byCursor, byLink, byNextUrl, byOffset, byPage, linksOf } from "./paging-styles.ts"

type Body = Readonly<Record<string, unknown>>

/** A style, and how its first page is known. */
interface Row {
  readonly name: string
  readonly knows: (body: Body, page: ReceivedPage) => boolean
  readonly style: (method: string) => PagingStyle
}

const PAGING_RELATIONS: readonly string[] = ["next", "prev", "previous", "first", "last"]

/** Members that hold the next page's URL, or null. */
const URL_MEMBERS: readonly string[] = [
  "@odata.nextLink", "nextLink", "next", "next_url", "next_page", "next_page_url", "next_page_uri", "nextPageUrl", "paging.next",
] // prettier-ignore

/** Where counts stand, besides the body itself. */
const COUNTS: readonly string[] = ["", "meta.", "pagination."]

const isList = ({ object, has_more: more }: Body): boolean => object === "list" && typeof more === "boolean"

/** The first row that knows a page holds. */
const ROWS: readonly Row[] = [
  {
    name: "link",
    knows: (_, { reply }) =>
      linksOf(reply).some(({ relations }) => relations.some((relation) => PAGING_RELATIONS.includes(relation))),
    style: byLink,
  },
  linked("hal", "_links", (body) => isRecord(body["_links"])),
  linked("jsonapi", "links", ({ links }) => isRecord(links) && ("next" in links || "self" in links)),
  inBody("salesforce", ({ done, records }) => typeof done === "boolean" && Array.isArray(records), "nextRecordsUrl"),
  ...URL_MEMBERS.map((member) => inBody(member, (body) => isNextUrl(memberAt(body, member), body), member)),
  inBody("paging", (body) => isRecord(memberAt(body, "paging.cursors")), "paging.next"),
  {
    name: "hubspot",
    knows: (body) => typeof memberAt(body, "paging.next.after") === "string",
    style: () => byCursor({ cursor: "paging.next.after", query: "after" }),
  },
  {
    name: "slack",
    knows: (body) => typeof memberAt(body, "response_metadata.next_cursor") === "string",
    style: () => byCursor({ cursor: "response_metadata.next_cursor", query: "cursor" }),
  },
  {
    name: "google",
    knows: ({ nextPageToken }) => typeof nextPageToken === "string",
    style: () => byCursor({ cursor: "nextPageToken", query: "pageToken" }),
  },
  {
    name: "notion",
    knows: (body) => isList(body) && "next_cursor" in body,
    style: (method) => {
      const read = { cursor: "next_cursor", more: "has_more" }
      return byCursor(/^get$/i.test(method) ? { ...read, query: "start_cursor" } : { ...read, json: "start_cursor" })
    },
  },
  {
    name: "openai",
    knows: (body) => isList(body) && "last_id" in body,
    style: () => byCursor({ cursor: "last_id", more: "has_more", query: "after" }),
  },
  {
    name: "anthropic",
    knows: (body) => typeof body["has_more"] === "boolean" && "first_id" in body && "last_id" in body,
    style: () => byCursor({ cursor: "last_id", more: "has_more", query: "after_id" }),
  },
  {
    name: "stripe",
    knows: (body) => isList(body) && Array.isArray(body["data"]),
    style: () => byCursor({ lastItem: "id", more: "has_more", query: "starting_after" }),
  },
  told(
    "page",
    byPage({ totalPages: (body, reply) => pageOf(body, reply)?.of }),
    (body, { reply }) => pageOf(body, reply),
    1,
  ),
  told("offset", byOffset({ total: (body) => offsetOf(body)?.of }), offsetOf, 0),
]

/** Names of members that tell of further pages, in whatever way. */
const TELLING = /[Nn]ext(?!Sync)|[Cc]ursor|[Cc]ontinu|[Ss]croll|(?:^|[_-])(?:more|pag|offset)|More|Page|Offset/

/** Names of header fields that do. */
const TELLING_FIELD = /(?:^|-)(?:next|cursor|continuation)(?:-|$)/i

/** Finds out from a first page how its list goes on. */
export const detection: Detection = {
  style(page, method, isAllWanted) {
    const body = isRecord(page.body) ? page.body : {}
    const row = ROWS.find(({ knows }) => knows(body, page))
    if (row !== undefined) return named(row, method)
    const signs = isAllWanted ? [] : signsOfMore(body, page)
    if (signs.length === 0) return undefined
    return page.refuse(
      `there may be further pages, and how to ask for them is not known (${signs.join(", ")}); say it with by: byCursor({ … }), byNextUrl(…), byPage() or byOffset(), or maxPages: 1 if this is all`,
    )
  },
  named(name, method) {
    const row = ROWS.find((row) => row.name === name)
    return row === undefined ? undefined : named(row, method)
  },
}

function named({ name, style }: Row, method: string): PagingStyle {
  return { ...style(method), name }
}

function inBody(name: string, knows: Row["knows"], member: string): Row {
  return { name, knows, style: () => byNextUrl(member) }
}

/** A style whose first page is known though it may have no next URL: unless something else in it goes on. */
function linked(name: string, member: string, knows: (body: Body) => boolean): Row {
  return inBody(
    name,
    (body) => memberAt(body, `${member}.next`) != null || (knows(body) && !goesOnOtherwise(body)),
    `${member}.next`,
  )
}

function goesOnOtherwise(body: Body): boolean {
  return tellingMembers(body).some((path) => /cursor|more/i.test(path))
}

/** Texts that are no URLs may be cursors, and are not taken for paths. Null is the end, unless something else goes on. */
function isNextUrl(value: unknown, body: Body): boolean {
  if (value === null) return !goesOnOtherwise(body)
  return typeof value === "string" && /^(?:https?:\/)?\/|^\?/i.test(value)
}

/** What tells that a page is not all of its list. */
function signsOfMore(body: Body, page: ReceivedPage): string[] {
  const fields = [...page.reply.headers].flatMap(([name, value]) =>
    TELLING_FIELD.test(name) && !/^(?:|0|false|null)$/i.test(value) ? name : [],
  )
  const total = totalIn(page.body, page.reply) ?? 0
  const came = itemCount(page)
  return [...tellingMembers(body), ...fields, ...(total > came ? [`${came} of ${total} items`] : [])]
}

function itemCount(page: ReceivedPage): number {
  try {
    return page.items.length
  } catch {
    // Where they are is asked when someone wants them.
    return Number.POSITIVE_INFINITY
  }
}

function tellingMembers(body: Body): string[] {
  const all = Object.entries(body).flatMap(([name, value]) => [
    [name, value] as const,
    ...(isRecord(value) ? Object.entries(value).map(([inner, it]) => [`${name}.${inner}`, it] as const) : []),
  ])
  return all.flatMap(([path, value]) => (isTelling(path.slice(path.lastIndexOf(".") + 1), value) ? path : []))
}

function isTelling(name: string, value: unknown): boolean {
  return Boolean(value) && TELLING.test(name) && !(typeof value === "object" && Object.keys(value ?? {}).length === 0)
}

/** Where a page says that it stands, and of how many pages or items. */
interface Standing {
  readonly at: number
  readonly of: number
}

/**
 * A style that counts, for replies that say where they stand. It must be what was asked for: a server that does not know
 * the parameter sends the first page again and again.
 */
function told(
  name: string,
  style: PagingStyle,
  standing: (body: unknown, page: ReceivedPage) => Standing | undefined,
  first: number,
): Row {
  const isAsAsked = (body: unknown, page: ReceivedPage): boolean =>
    standing(body, page)?.at === Number(new URL(page.request.url).searchParams.get(name) ?? first)
  return {
    name,
    knows: isAsAsked,
    style: () => ({
      ...style,
      next: (page) =>
        isAsAsked(page.body, page)
          ? style.next(page)
          : page.refuse(`"${name}" in its body is not what was asked for; say with "by" how its pages are asked for`),
    }),
  }
}

function pageOf(body: unknown, { headers }: Success): Standing | undefined {
  const [at = "", of = ""] = ["x-page", "x-total-pages"].map((name) => headers.get(name) ?? "")
  if (/^\d+$/.test(at) && /^\d+$/.test(of)) return { at: Number(at), of: Number(of) }
  return standingIn(body, ["page", "current_page", "currentPage"], ["total_pages", "totalPages"])
}

function offsetOf(body: unknown): Standing | undefined {
  return standingIn(body, ["offset"], ["total"])
}

function standingIn(body: unknown, ats: readonly string[], ofs: readonly string[]): Standing | undefined {
  for (const place of COUNTS) {
    const [at, of] = [ats, ofs].map((names) =>
      names.map((name) => memberAt(body, place + name)).find(Number.isSafeInteger),
    )
    if (typeof at === "number" && typeof of === "number") return { at, of }
  }
  return undefined
}
