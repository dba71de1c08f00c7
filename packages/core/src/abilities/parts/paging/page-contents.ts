import { isRecord, memberAt } from "../../../algorithms/members.ts"
import type { Success } from "../../../call-outcome.ts"

/** Names that lists go by, the likeliest first. */
const LISTS: readonly string[] = ["data", "items", "results", "records", "value"]

/** Lists that stand beside the one that was asked for. */
const BESIDE = /error|warning|included/i

const TOTAL_FIELDS: readonly string[] = ["x-total-count", "x-total"]
const TOTALS: readonly string[] = [
  "total", "total_count", "totalCount", "totalSize", "totalItems", "totalResults", "@odata.count",
  "meta.total", "meta.total_count", "pagination.total", "pagination.total_count", "page.totalElements",
] // prettier-ignore

/** How many names an error shows. */
const MOST_NAMES = 12

/**
 * The list in a body: the body itself; or its member `data`, `items`, `results`, `records` or `value`; or its only list;
 * or the only list in `_embedded`. A reply without a body is an empty list. Undefined when it is not clear.
 */
export function listIn(body: unknown): readonly unknown[] | undefined {
  if (body === undefined) return []
  if (Array.isArray(body)) return body
  if (!isRecord(body)) return undefined
  for (const name of LISTS) if (Array.isArray(body[name])) return body[name]
  const lists = Object.entries(body).flatMap(([name, value]) =>
    Array.isArray(value) && !BESIDE.test(name) ? [value] : [],
  )
  if (lists.length > 0) return lists.length === 1 ? lists[0] : undefined
  return isRecord(body["_embedded"]) ? listIn(body["_embedded"]) : undefined
}

/** How many items there are in all, where a reply says it. */
export function totalIn(body: unknown, reply: Success): number | undefined {
  const field = TOTAL_FIELDS.map((name) => reply.headers.get(name)).find((value) => value !== null)
  if (field != null && /^\d+$/.test(field)) return Number(field)
  // "count" is the page's own in most APIs; beside "next" it is the whole's (Django REST framework).
  const names = isRecord(body) && "next" in body ? [...TOTALS, "count"] : TOTALS
  return names.map((name) => memberAt(body, name)).find((value) => Number.isSafeInteger(value)) as number | undefined
}

/** What a body is, and which members it has: for whoever has to say where its list is. */
export function contentsOf(body: unknown): string {
  if (Array.isArray(body)) return "a list"
  if (!isRecord(body)) return body === null ? "null" : `a ${typeof body}`
  const members = Object.entries(body).map(([name, value]) => `${name.slice(0, 40)} (${kind(value)})`)
  const more = members.length > MOST_NAMES ? [`${members.length - MOST_NAMES} more`] : []
  return members.length === 0 ? "an empty object" : [...members.slice(0, MOST_NAMES), ...more].join(", ")
}

function kind(value: unknown): string {
  if (Array.isArray(value)) return "list"
  return value === null ? "null" : typeof value
}
