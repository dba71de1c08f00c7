import type { Claimed, ClaimRequest, Claims } from "../store.ts"
import type { Change } from "./change.ts"
import type { Connection } from "./connection.ts"
import { passTurn, SET_TURN } from "./lines.ts"
import { ENTRY, entryOf, originOfLane, rankOfLane, type EntryRow } from "./rows.ts"
import { ITS_TURN, NO_TURN, SENDING } from "./states.ts"

interface Lane {
  readonly lane: number
  /** When the first of its entries is due. */
  readonly due: number
}

/** The first instant of an index; null when it has none. */
interface First {
  readonly at: number | null
}

interface Candidate {
  readonly seq: number
  readonly due_at: number
}

/** One look into the index for each lane, however many entries it has. */
const LANES = `WITH RECURSIVE lanes (lane) AS (
    SELECT min(lane) FROM entries WHERE turn = 1
    UNION ALL
    SELECT (SELECT min(lane) FROM entries WHERE turn = 1 AND lane > lanes.lane) FROM lanes WHERE lane IS NOT NULL
  )
  SELECT lane, (SELECT min(due_at) FROM entries WHERE turn = 1 AND lane = lanes.lane) AS due
  FROM lanes WHERE lane IS NOT NULL`

const DUE = "SELECT seq, due_at FROM entries WHERE turn = 1 AND lane = ? AND due_at <= ? ORDER BY due_at, seq LIMIT ?"
const OVERDUE = "SELECT seq FROM entries WHERE turn = 1 AND expires_at <= ? ORDER BY expires_at LIMIT ?"
const ENDED = "SELECT seq, ordering_key FROM entries WHERE turn = 2 AND lease_until <= ?"
const STATE = "SELECT state FROM entries WHERE seq = ?"
const TAKE = `UPDATE entries SET state = 1, turn = 2, version = version + 1, changed_at = ?, lease_until = ?
  WHERE seq = ? RETURNING ${ENTRY}`
const FIRST_DUE = "SELECT min(due_at) AS at FROM entries WHERE turn = 1 AND lane = ?"
const FIRST_EXPIRY = "SELECT min(expires_at) AS at FROM entries WHERE turn = 1"
const FIRST_LEASE = "SELECT min(lease_until) AS at FROM entries WHERE turn = 2"

/** Takes entries whose turn it is. */
export function claimEntries(change: Change, request: ClaimRequest): Claims {
  endLeases(change, request.at)
  const claim = new Claim(change, request)
  claim.takeOverdue()
  const lanes = change.connection.all<Lane>(LANES)
  claim.takeByImportance(lanes)
  return { claimed: claim.claimed, nextAt: nextAt(change.connection, lanes, claim.touched) }
}

/** Who holds a lease that has ended can still conclude, until somebody else takes the entry. */
function endLeases(change: Change, at: number): void {
  const { connection } = change
  for (const { seq, ordering_key: key } of connection.all<{ seq: number; ordering_key: string | null }>(ENDED, at)) {
    connection.run(SET_TURN, key === null ? ITS_TURN : NO_TURN, seq)
    if (key !== null) passTurn(change, key)
  }
}

/** @param touched The lanes whose first entry may have been taken. */
function nextAt(connection: Connection, lanes: readonly Lane[], touched: ReadonlySet<number>): number | undefined {
  let next = Number.POSITIVE_INFINITY
  for (const { lane, due } of lanes) if (!touched.has(lane)) next = Math.min(next, due)
  const firsts = [...touched].map((lane) => connection.get<First>(FIRST_DUE, lane))
  for (const sql of [FIRST_EXPIRY, FIRST_LEASE]) firsts.push(connection.get<First>(sql))
  for (const first of firsts) next = Math.min(next, first?.at ?? next)
  return next === Number.POSITIVE_INFINITY ? undefined : next
}

class Claim {
  readonly claimed: Claimed[] = []
  readonly touched = new Set<number>()
  readonly #change: Change
  readonly #request: ClaimRequest
  /** What an origin has room for yet, asked once. */
  readonly #room = new Map<number, number>()

  constructor(change: Change, request: ClaimRequest) {
    this.#change = change
    this.#request = request
  }

  takeOverdue(): void {
    const { at, most } = this.#request
    for (const { seq } of this.#change.connection.all<{ seq: number }>(OVERDUE, at, most)) this.#take(seq)
  }

  takeByImportance(lanes: readonly Lane[]): void {
    const due = lanes.filter(({ due }) => due <= this.#request.at)
    const byRank = Map.groupBy(due, ({ lane }) => rankOfLane(lane))
    for (const rank of [...byRank.keys()].toSorted((one, other) => one - other)) {
      if (this.#left() <= 0) return
      this.#takeFrom(byRank.get(rank) ?? [])
    }
  }

  /** Takes from lanes that are equally important what was due first. */
  #takeFrom(lanes: readonly Lane[]): void {
    const left = this.#left()
    const open = lanes.filter(({ lane }) => this.#roomOf(lane) > 0).toSorted((one, other) => one.due - other.due)
    // More lanes than entries can be taken: the first entry of those behind is due after all that is taken.
    const candidates = open.slice(0, left).flatMap(({ lane }) => this.#candidates(lane, left))
    candidates.sort((one, other) => one.due_at - other.due_at || one.seq - other.seq)
    for (const { seq } of candidates.slice(0, left)) {
      const origin = originOfLane(this.#take(seq).lane)
      this.#room.set(origin, (this.#room.get(origin) ?? 0) - 1)
    }
  }

  #candidates(lane: number, left: number): Candidate[] {
    return this.#change.connection.all<Candidate>(DUE, lane, this.#request.at, Math.min(left, this.#roomOf(lane)))
  }

  #left(): number {
    return this.#request.most - this.claimed.length
  }

  #roomOf(lane: number): number {
    const origin = originOfLane(lane)
    const known = this.#room.get(origin)
    if (known !== undefined) return known
    const room = this.#request.room(this.#change.origins.nameOf(origin))
    this.#room.set(origin, room)
    return room
  }

  #take(seq: number): EntryRow {
    const { connection, origins } = this.#change
    const { at, leaseUntil } = this.#request
    const before = connection.get<{ state: number }>(STATE, seq)
    const row = connection.get<EntryRow>(TAKE, at, leaseUntil, seq)
    if (before === undefined || row === undefined) throw new Error(`entry ${seq} is gone`)
    const origin = originOfLane(row.lane)
    this.#change.count(origin, before.state, -1, row.body_bytes)
    this.#change.count(origin, SENDING, 1, row.body_bytes)
    this.#change.changed.push(row.id)
    this.touched.add(row.lane)
    this.claimed.push({ entry: entryOf(row, origins), lease: { id: row.id, token: String(row.version) } })
    return row
  }
}
