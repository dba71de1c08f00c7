import type { Entry, LastSending } from "@steadfetch/outbox"
import { UPSTREAM_FIELD } from "./stored-fields.ts"

const OPEN: readonly string[] = ["waiting", "sending"]

/** Whether what becomes of an entry is still to come. */
export function isOpen({ state }: Pick<Entry, "state">): boolean {
  return OPEN.includes(state)
}

/** The upstream that an entry was written down for. */
export function upstreamOf({ headers }: Pick<Entry, "headers">): string {
  return headers.find(([name]) => name === UPSTREAM_FIELD)?.[1] ?? ""
}

/** What a caller is told of its request. @param path The entry's own, on the gateway. */
export function statusDocument(entry: Entry, path: string): string {
  const { id, state, method, url, tries, addedAt, expiresAt, dueAt, waitingFor, last, idempotencyKey } = entry
  const upstream = upstreamOf(entry)
  const hasReply = (state === "delivered" || state === "rejected") && last?.status !== undefined
  const document = {
    id,
    state,
    method,
    url,
    upstream,
    idempotencyKey,
    orderingKey: entry.orderingKey?.slice(upstream.length + 1),
    tries,
    addedAt,
    expiresAt,
    nextAt: state === "waiting" ? dueAt : undefined,
    waitingFor,
    last: last && told(last),
    reply: hasReply ? `${path}/reply` : undefined,
  }
  return `${JSON.stringify(document)}\n`
}

function told({ kind, at, status, message, code, requestId, retryAt, why }: LastSending): Partial<LastSending> {
  return { kind, at, status, message, code, requestId, retryAt, why }
}

/** Seconds after which it makes sense to ask again; undefined when nothing more comes by itself. */
export function askAgainAfter(entry: Entry, nowMs: number): number | undefined {
  if (!isOpen(entry)) return undefined
  const dueInMs = entry.state === "waiting" ? entry.dueAt.getTime() - nowMs : 0
  return Math.max(1, Math.ceil(dueInMs / 1000))
}
