import type { EntryState } from "../entry.ts"
import type { ListQuery, OriginCounts, StoredBody, StoredEntry } from "../store.ts"
import type { Bodies } from "./bodies.ts"
import type { Connection } from "./connection.ts"
import { COLUMNS, entryOf, isId, textOf } from "./entries.ts"

/** Changes of the counts are summed up once there are so many. */
const TALLIES = 1_000

/** What there is: entries, bodies, counts. */
export class Reading {
  readonly #connection: Connection
  readonly #table: string
  readonly #tally: string
  readonly #bodies: Bodies

  constructor(connection: Connection, schema: string, bodies: Bodies) {
    this.#connection = connection
    this.#table = `${schema}.outbox_entry`
    this.#tally = `${schema}.outbox_tally`
    this.#bodies = bodies
  }

  async entry(id: string): Promise<StoredEntry | undefined> {
    return isId(id) ? this.#one("id = $1", id) : undefined
  }

  async find(key: string): Promise<StoredEntry | undefined> {
    return this.#one("key = $1 AND state <> 'discarded'", key)
  }

  async #one(which: string, value: string): Promise<StoredEntry | undefined> {
    const [row] = await this.#connection.query(`SELECT ${COLUMNS} FROM ${this.#table} WHERE ${which}`, [value])
    return row === undefined ? undefined : entryOf(row)
  }

  async body(id: string): Promise<StoredBody | undefined> {
    if (!isId(id)) return undefined
    const [row] = await this.#connection.query(`SELECT body, body_bytes FROM ${this.#table} WHERE id = $1`, [id])
    const body = textOf(row?.["body"])
    return body === undefined ? undefined : this.#bodies.read(body, Number(row?.["body_bytes"]))
  }

  async list({ states, origin, orderingKey, after, limit }: ListQuery): Promise<readonly StoredEntry[]> {
    if (after !== undefined && !isId(after)) return []
    const values: unknown[] = []
    const value = (given: unknown): string => `$${values.push(given)}`
    const where = [
      ...(origin === undefined ? [] : [`origin = ${value(origin)}`]),
      ...(orderingKey === undefined ? [] : [`ordering_key = ${value(orderingKey)}`]),
      ...(after === undefined ? [] : [`id < ${value(after)}`]),
    ]
    const most = value(limit)
    const page = (condition: readonly string[]): string =>
      `(SELECT ${COLUMNS} FROM ${this.#table} WHERE ${["true", ...condition].join(" AND ")} ORDER BY id DESC LIMIT ${most})`
    // State by state, since their index holds the entries of each in order.
    const pages =
      states === undefined
        ? [page(where)]
        : [...new Set(states)].map((state) => page([...where, `state = ${value(state)}`]))
    if (pages.length === 0) return []
    const sql = `SELECT * FROM (${pages.join(" UNION ALL ")}) pages ORDER BY id DESC LIMIT ${most}`
    return (await this.#connection.query(sql, values)).map((row) => entryOf(row))
  }

  async counts(): Promise<readonly OriginCounts[]> {
    const rows = await this.#connection.query(
      `SELECT origin, state, sum(entries) AS entries, sum(body_bytes) AS body_bytes, count(*) AS tallies
       FROM ${this.#tally} GROUP BY origin, state`,
    )
    const origins = new Map<string, { states: Record<EntryState, number>; bodyBytes: number }>()
    let tallies = 0
    for (const row of rows) {
      tallies += Number(row["tallies"])
      const origin = String(row["origin"])
      const counts = origins.get(origin) ?? { states: none(), bodyBytes: 0 }
      origins.set(origin, counts)
      const state = row["state"] as EntryState
      counts.states[state] = Number(row["entries"])
      if (state === "waiting" || state === "sending") counts.bodyBytes += Number(row["body_bytes"])
    }
    if (tallies > TALLIES) await this.sumUp()
    return Array.from(origins, ([origin, counts]) => ({ origin, ...counts })).filter(({ states }) =>
      Object.values(states).some((count) => count > 0),
    )
  }

  /** Makes one row of many. What others are writing at this moment is left for the next time. */
  async sumUp(): Promise<void> {
    await this.#connection.query(
      `WITH gone AS (
         DELETE FROM ${this.#tally} WHERE ctid IN (
           SELECT ctid FROM ${this.#tally} LIMIT 100000 FOR UPDATE SKIP LOCKED
         ) RETURNING *
       ) INSERT INTO ${this.#tally} SELECT origin, state, sum(entries), sum(body_bytes) FROM gone
         GROUP BY origin, state HAVING sum(entries) <> 0 OR sum(body_bytes) <> 0`,
    )
  }
}

function none(): Record<EntryState, number> {
  return { waiting: 0, sending: 0, delivered: 0, rejected: 0, expired: 0, discarded: 0 }
}
