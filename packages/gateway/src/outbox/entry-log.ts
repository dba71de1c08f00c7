import type { Entry } from "@steadfetch/outbox"
import type { Log } from "../watching/log.ts"
import { upstreamOf } from "./status-document.ts"

/** Logs how a delivery ended: neither header fields nor bodies. */
export function logEntry(log: Log, entry: Entry, end: string): void {
  const { id, method, url, tries, last, dueAt } = entry
  const fields = {
    entry: id,
    method,
    url,
    upstream: upstreamOf(entry),
    status: last?.status,
    code: last?.code,
    tries,
    message: end === "delivered" ? undefined : last?.message,
    nextAt: end === "retrying" ? dueAt.toISOString() : undefined,
  }
  if (end === "delivered") log.info(fields, end)
  else log.warn(fields, end)
}
