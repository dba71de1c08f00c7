import type { Connection } from "./connection.ts"
import type { Origins } from "./origins.ts"
import { SENDING } from "./states.ts"

interface Count {
  readonly origin: number
  readonly state: number
  entries: number
  bytes: number
}

/** What a transaction does besides its rows: counts, news for those who listen, files that nobody needs after it. */
export class Change {
  readonly connection: Connection
  readonly origins: Origins
  /** Something may be due earlier than was told. */
  work = false
  /** Entries that others than who added them may want to hear of. */
  readonly changed: string[] = []
  /** Files of bodies that are of no use once this is committed. */
  readonly useless: string[] = []
  readonly #counts = new Map<number, Count>()

  constructor(connection: Connection, origins: Origins) {
    this.connection = connection
    this.origins = origins
  }

  /** Counts an entry in, or out with -1. Bytes count while they are to be sent. */
  count(origin: number, state: number, entries: 1 | -1, bodyBytes: number | null): void {
    const bytes = state <= SENDING ? entries * (bodyBytes ?? 0) : 0
    const place = origin * 8 + state
    const counted = this.#counts.get(place)
    if (counted === undefined) {
      this.#counts.set(place, { origin, state, entries, bytes })
      return
    }
    counted.entries += entries
    counted.bytes += bytes
  }

  /** Writes down what goes with the rows. */
  finish(writer: number): void {
    for (const { origin, state, entries, bytes } of this.#counts.values()) {
      if (entries !== 0 || bytes !== 0) this.connection.run(ADD_COUNT, origin, state, entries, bytes)
    }
    if (!this.work && this.changed.length === 0) return
    const row = this.connection.get<{ n: number }>(ADD_NEWS, writer, this.work ? 1 : 0, this.changed.join(" "))
    if (row !== undefined && row.n % NEWS_KEPT === 0) {
      this.connection.run("DELETE FROM news WHERE n <= ?", row.n - NEWS_KEPT)
    }
  }
}

const ADD_COUNT = `INSERT INTO counts (origin, state, entries, bytes) VALUES (?, ?, ?, ?)
  ON CONFLICT (origin, state) DO UPDATE SET entries = entries + excluded.entries, bytes = bytes + excluded.bytes`

const ADD_NEWS = "INSERT INTO news (writer, work, ids) VALUES (?, ?, ?) RETURNING n"

/** So many transactions back others can hear what has changed. */
const NEWS_KEPT = 1000
