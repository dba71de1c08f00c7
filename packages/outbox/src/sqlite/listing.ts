import type { ListQuery, OriginCounts, StoredEntry } from "../store.ts"
import type { Connection } from "./connection.ts"
import type { Origins } from "./origins.ts"
import { ENTRY, entryOf, type EntryRow } from "./rows.ts"
import { BEYOND_ALL, numberOf, STATES } from "./states.ts"

interface Place {
  readonly seq: number
}

const ALL = "SELECT seq FROM entries WHERE seq < ? ORDER BY seq DESC LIMIT ?"
const BY_STATE = "SELECT seq FROM entries WHERE origin = ? AND state = ? AND seq < ? ORDER BY seq DESC LIMIT ?"
const BY_LINE = `SELECT seq FROM entries WHERE ordering_key = ? AND in_line = ? AND seq < ? AND (? IS NULL OR origin = ?)
  AND state IN (SELECT value FROM json_each(?)) ORDER BY seq DESC LIMIT ?`
const ONE = `SELECT ${ENTRY} FROM entries WHERE seq = ?`

/** Entries, newest first. */
export function listEntries(connection: Connection, origins: Origins, query: ListQuery): StoredEntry[] {
  const seqs = places(connection, origins, query).map(({ seq }) => seq)
  const chosen = seqs.toSorted((one, other) => other - one).slice(0, query.limit)
  const rows = chosen.map((seq) => connection.get<EntryRow>(ONE, seq))
  return rows.filter((row) => row !== undefined).map((row) => entryOf(row, origins))
}

/** Where the entries are; of each index that was asked no more than the limit, the newest. */
function places(connection: Connection, origins: Origins, query: ListQuery): Place[] {
  const before = query.after === undefined ? BEYOND_ALL : placeOf(connection, query.after)
  const origin = query.origin === undefined ? undefined : origins.find(query.origin)
  if (query.origin !== undefined && origin === undefined) return []
  const states = (query.states ?? STATES).map(numberOf)
  if (query.orderingKey !== undefined) {
    const { orderingKey, limit } = query
    const one = origin ?? null
    const asked = JSON.stringify(states)
    return [0, 1].flatMap((inLine) =>
      connection.all<Place>(BY_LINE, orderingKey, inLine, before, one, one, asked, limit),
    )
  }
  if (origin === undefined && query.states === undefined) return connection.all<Place>(ALL, before, query.limit)
  const counted = countRows(connection).filter(
    (row) => row.entries > 0 && states.includes(row.state) && (origin === undefined || row.origin === origin),
  )
  return counted.flatMap((row) => connection.all<Place>(BY_STATE, row.origin, row.state, before, query.limit))
}

/** Where an entry is, or would be if it had not been removed. */
function placeOf(connection: Connection, id: string): number {
  const there = connection.get<Place>("SELECT seq FROM entries WHERE id = ?", id)
  if (there !== undefined) return there.seq
  const older = connection.get<Place>("SELECT seq FROM entries WHERE id < ? ORDER BY id DESC LIMIT 1", id)
  return older === undefined ? 0 : older.seq + 1
}

interface CountRow {
  readonly origin: number
  readonly state: number
  readonly entries: number
  readonly bytes: number
}

const countRows = (connection: Connection): CountRow[] =>
  connection.all<CountRow>("SELECT origin, state, entries, bytes FROM counts ORDER BY origin")

/** How many entries there are; kept with them, not counted now. */
export function readCounts(connection: Connection, origins: Origins): OriginCounts[] {
  const byOrigin = Map.groupBy(countRows(connection), ({ origin }) => origin)
  return [...byOrigin].map(([origin, rows]) => {
    const of = (state: number): number => rows.find((row) => row.state === state)?.entries ?? 0
    const [waiting, sending, delivered, rejected, expired, discarded] = STATES.map(numberOf).map(of)
    return {
      origin: origins.nameOf(origin),
      states: { waiting, sending, delivered, rejected, expired, discarded } as OriginCounts["states"],
      bodyBytes: rows.reduce((bytes, row) => bytes + row.bytes, 0),
    }
  })
}
