import type { AfterRejection, EntryState } from "../entry.ts"
import type { NewEntry, StoredEntry } from "../store.ts"
import type { Row } from "./connection.ts"

/** The columns of which a StoredEntry is made. */
export const COLUMNS = `id, state, version, origin, key, ordering_key, after_rejection, priority,
  added_at, changed_at, due_at, expires_at, tries, content, body_bytes, result`

export function entryOf(row: Row): StoredEntry {
  return {
    id: String(row["id"]),
    state: row["state"] as EntryState,
    version: Number(row["version"]),
    origin: String(row["origin"]),
    key: textOf(row["key"]),
    orderingKey: textOf(row["ordering_key"]),
    afterRejection: row["after_rejection"] as AfterRejection,
    priority: Number(row["priority"]),
    addedAt: Number(row["added_at"]),
    changedAt: Number(row["changed_at"]),
    dueAt: Number(row["due_at"]),
    expiresAt: Number(row["expires_at"]),
    tries: Number(row["tries"]),
    content: bytesOf(row["content"]),
    bodyBytes: row["body_bytes"] === null ? undefined : Number(row["body_bytes"]),
    result: row["result"] === null ? undefined : bytesOf(row["result"]),
  }
}

/** An entry as it stands when it has just been added. */
export function newEntry(entry: NewEntry, bodyBytes: number | undefined): StoredEntry {
  const { body: _, ...fields } = entry
  return { ...fields, state: "waiting", version: 1, changedAt: entry.addedAt, tries: 0, bodyBytes, result: undefined }
}

/** When an entry is to be looked at: it is due, or its lifetime has ended. */
export function wakeAt({ dueAt, expiresAt }: Pick<StoredEntry, "dueAt" | "expiresAt">): number {
  return Math.ceil(Math.min(dueAt, expiresAt))
}

/** The texts of a column, where there are any. */
export function textsOf(column: string, rows: readonly Row[]): string[] {
  return rows.flatMap((row) => textOf(row[column]) ?? [])
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined
}

/** node-postgres gives Buffers, which are pieces of larger memory: a plain copy keeps no more than its bytes. */
export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(value as Uint8Array)
}

/** Bytes as node-postgres takes them: it writes Buffers only. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Whether this may be an id; what is none is no entry's, and PostgreSQL would refuse it. */
export function isId(id: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)
}
