import { DatabaseSync } from "node:sqlite"
import type { NewEntry } from "@steadfetch/outbox"

/** What SQLite itself can do with the same bytes: rows with an id and a key, a group to a transaction that is on the disk when it ends. */
export function rawInserts(path: string): Disposable & { insert: (entries: readonly NewEntry[]) => void } {
  const database = new DatabaseSync(path)
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
  database.exec("CREATE TABLE entries (id TEXT NOT NULL UNIQUE, key TEXT UNIQUE, content BLOB, body BLOB)")
  const statement = database.prepare("INSERT INTO entries VALUES (?, ?, ?, ?)")
  return {
    insert: (entries) => {
      database.exec("BEGIN IMMEDIATE")
      for (const { id, key = null, content, body } of entries) statement.run(id, key, content, body as Uint8Array)
      database.exec("COMMIT")
    },
    [Symbol.dispose]: () => database.close(),
  }
}
