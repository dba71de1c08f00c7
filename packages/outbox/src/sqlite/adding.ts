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
  VALUES (?, 0, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
  ON CONFLICT (key) WHERE key IS NOT NULL AND state <> 5 DO NOTHING`

const INSERT_ITS_BODY = "INSERT INTO bodies (entry, bytes, file) VALUES (last_insert_rowid(), ?, ?)"

export const INSERT_BODY = "INSERT INTO bodies (entry, bytes, file) VALUES (?, ?, ?)"

/** Adds entries, but for those whose key another one has. */
export function addEntries(change: Change, entries: readonly ReadyEntry[]): readonly Added[] {
  return entries.map(({ entry, body }) => {
    const added = insert(change, entry, body)
    if (added !== undefined) return { entry: added, isNew: true }
    if (body?.file != null) change.useless.push(body.file)
    const other = change.connection.get<EntryRow>(BY_KEY, entry.key ?? "")
    if (other === undefined) throw new Error(`entry ${entry.id} could not be added`)
    return { entry: entryOf(other, change.origins), isNew: false }
  })
}

/** The entry as it is stored; undefined when another one has its key. */
function insert(change: Change, entry: NewEntry, body: KeptBody | undefined): StoredEntry | undefined {
  const { id, key, orderingKey, afterRejection, addedAt, dueAt, expiresAt, content } = entry
  const { connection } = change
  const origin = change.origins.numberOf(entry.origin)
  const turn = orderingKey === undefined || !hasLine(change, orderingKey) ? ITS_TURN : NO_TURN
  const bodyBytes = body?.length ?? null
  const { changes } = connection
    .prepared(INSERT)
    .run(
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
  if (changes === 0) return undefined
  if (body !== undefined && body.length > 0) connection.prepared(INSERT_ITS_BODY).run(body.bytes, body.file)
  change.count(origin, WAITING, 1, bodyBytes)
  if (turn === ITS_TURN) change.work = true
  return storedEntry(entry, body?.length)
}

function storedEntry(entry: NewEntry, bodyBytes: number | undefined): StoredEntry {
  const { id, origin, key, orderingKey, afterRejection, priority, addedAt, dueAt, expiresAt, content } = entry
  return {
    id,
    state: "waiting",
    version: 1,
    origin,
    key,
    orderingKey,
    afterRejection,
    priority,
    addedAt,
    changedAt: addedAt,
    dueAt,
    expiresAt,
    tries: 0,
    content,
    bodyBytes,
    result: undefined,
  }
}
