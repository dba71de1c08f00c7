import type { Added, NewEntry, StoredEntry } from "../store.ts"
import type { KeptBody } from "./body-files.ts"
import type { Change } from "./change.ts"
import { hasLine } from "./lines.ts"
import { ENTRY, entryOf, laneOf, type EntryRow } from "./rows.ts"
import { ITS_TURN, NO_TURN, WAITING } from "./states.ts"

/** An entry whose body is where it will stay, or small. */
export interface ReadyEntry {
  readonly entry: NewEntry
  readonly body: KeptBody | undefined
}

export const BY_KEY = `SELECT ${ENTRY} FROM entries WHERE key = ? AND state <> 5`

const INSERT = `INSERT INTO entries (id, state, version, origin, lane, turn, in_line, key, ordering_key, skips,
  added_at, changed_at, due_at, expires_at, tries, body_bytes, content)
  VALUES (?, 0, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`

export const INSERT_BODY = "INSERT INTO bodies (entry, bytes, file) VALUES (?, ?, ?)"

/** Adds entries, but for those whose key another one has. */
export function addEntries(change: Change, entries: readonly ReadyEntry[]): readonly Added[] {
  return entries.map(({ entry, body }) => {
    const other = entry.key === undefined ? undefined : change.connection.get<EntryRow>(BY_KEY, entry.key)
    if (other === undefined) return { entry: insert(change, entry, body), isNew: true }
    if (body?.file != null) change.useless.push(body.file)
    return { entry: entryOf(other, change.origins), isNew: false }
  })
}

function insert(change: Change, entry: NewEntry, body: KeptBody | undefined): StoredEntry {
  const { id, key, orderingKey, afterRejection, addedAt, dueAt, expiresAt, content } = entry
  const origin = change.origins.numberOf(entry.origin)
  const turn = orderingKey === undefined || !hasLine(change, orderingKey) ? ITS_TURN : NO_TURN
  const bodyBytes = body?.length ?? null
  change.connection.run(
    INSERT,
    id,
    origin,
    laneOf(origin, entry.priority),
    turn,
    orderingKey === undefined ? 0 : 1,
    key ?? null,
    orderingKey ?? null,
    afterRejection === "skip" ? 1 : 0,
    addedAt,
    addedAt,
    dueAt,
    expiresAt,
    bodyBytes,
    content,
  )
  if (body !== undefined && body.length > 0)
    change.connection.run(
      "INSERT INTO bodies (entry, bytes, file) VALUES (last_insert_rowid(), ?, ?)",
      body.bytes,
      body.file,
    )
  change.count(origin, WAITING, 1, bodyBytes)
  if (turn === ITS_TURN) change.work = true
  const { body: _, ...stored } = entry
  return {
    ...stored,
    state: "waiting",
    version: 1,
    changedAt: addedAt,
    tries: 0,
    bodyBytes: body?.length,
    result: undefined,
  }
}
