import { closeSync, openSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import type { Receiver } from "./receiver.ts"

const OWNER_ONLY = 0o600

/** Who is told of events, in a SQLite file that several processes share. It holds the secrets: only its owner may read it. */
export class Receivers {
  readonly #database: DatabaseSync

  constructor(path: string) {
    closeSync(openSync(path, "a", OWNER_ONLY))
    this.#database = new DatabaseSync(path, { timeout: 10_000 })
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    this.#database.exec("CREATE TABLE IF NOT EXISTS receiver (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT")
  }

  get(id: string): Receiver | undefined {
    const row = this.#database.prepare("SELECT record FROM receiver WHERE id = ?").get(id)
    return row && (JSON.parse(String(row["record"])) as Receiver)
  }

  all(): Receiver[] {
    const rows = this.#database.prepare("SELECT record FROM receiver ORDER BY id").all()
    return rows.map((row) => JSON.parse(String(row["record"])) as Receiver)
  }

  /** @throws Error when there is one of that name. */
  add(receiver: Receiver): void {
    const added = this.#database
      .prepare("INSERT OR IGNORE INTO receiver VALUES (?, ?)")
      .run(receiver.id, JSON.stringify(receiver))
    if (added.changes === 0) throw new Error(`there is a receiver "${receiver.id}" already; choose another name`)
  }

  /**
   * Changes one, whatever other processes do at the same time.
   * @throws Error when there is none of that name.
   */
  change(id: string, changed: (receiver: Receiver) => Receiver): Receiver {
    this.#database.exec("BEGIN IMMEDIATE")
    try {
      const before = this.get(id)
      if (before === undefined) throw new Error(`there is no receiver "${id}"`)
      const after = changed(before)
      this.#database.prepare("UPDATE receiver SET record = ? WHERE id = ?").run(JSON.stringify(after), id)
      this.#database.exec("COMMIT")
      return after
    } catch (error) {
      this.#database.exec("ROLLBACK")
      throw error
    }
  }

  remove(id: string): void {
    this.#database.prepare("DELETE FROM receiver WHERE id = ?").run(id)
  }

  close(): void {
    this.#database.close()
  }
}
