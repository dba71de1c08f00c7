import type { EntryState } from "../entry.ts"
import type { ListQuery, StoredEntry } from "../store.ts"
import type { Connection } from "./connection.ts"
import { entryOf, type Fields } from "./fields.ts"

const ALL: readonly EntryState[] = ["waiting", "sending", "delivered", "rejected", "expired", "discarded"]

/** Entries looked at in one step. */
const PAGE = 200

/** Entries, newest first. Only those of one ordering key are filtered; the rest is kept in the lists that are asked for. */
export async function list(connection: Connection, query: ListQuery): Promise<readonly StoredEntry[]> {
  const { states = ALL, origin = "", orderingKey, after = "", limit } = query
  const lane = orderingKey === undefined ? ["0", ""] : ["1", orderingKey]
  const found: StoredEntry[] = []
  for (let from = after; found.length < limit;) {
    const most = orderingKey === undefined ? Math.min(PAGE, limit - found.length) : PAGE
    const page = await connection.run("outboxList", most, from, origin, lane, [...new Set(states)])
    const [looked, last, entries] = page as [number, Buffer, Fields[]]
    found.push(...entries.map(entryOf))
    if (looked < most) break
    from = last.toString()
  }
  return found.slice(0, limit)
}
