import { ListedFields, WholeBody, type Reply } from "steadfetch"
import { ageMsOf, type Use } from "./lifetime.ts"
import type { StoredReply } from "./stored-reply.ts"

/** A stored reply as a caller gets it: with its Age, what the cache did (RFC 9211), and bytes of its own. */
export function servedReply(stored: StoredReply, dateMs: number, cacheStatus: string, method: string): Reply {
  const { status, headers, bytes } = stored
  const age = String(Math.max(0, Math.floor(ageMsOf(stored, dateMs) / 1000)))
  const own = headers.filter(([name]) => name !== "age")
  return {
    kind: "reply",
    status,
    url: undefined,
    headers: new ListedFields([...own, ["age", age], ["cache-status", `steadfetch; ${cacheStatus}`]]),
    body: new WholeBody(method === "HEAD" ? new Uint8Array() : bytes.slice()),
  }
}

/** What was done without asking the server: `hit; ttl=59`; a negative time means stale, and the detail says why it is used. */
export function hitStatus(stored: StoredReply, dateMs: number, use: Use): string {
  const ttl = Math.trunc((stored.freshMs - ageMsOf(stored, dateMs)) / 1000)
  return `hit; ttl=${ttl}${use === "fresh" ? "" : `; detail=${use}`}`
}

/** How stale a reply is, for events. */
export function staleness(stored: StoredReply, dateMs: number): string {
  return `stale by ${Math.round((ageMsOf(stored, dateMs) - stored.freshMs) / 1000)} s`
}
