import type { Claimed, ClaimRequest, Claims } from "../store.ts"
import type { Connection, Queryable, Row } from "./connection.ts"
import { COLUMNS, entryOf } from "./entries.ts"
import { type Lane, type Lanes, type Ticket } from "./lanes.ts"
import { ticketOf } from "./order.ts"

/** A lane in which entries wait, and when the first of them wakes. */
interface Busy {
  readonly lane: Lane
  readonly wakeAt: number
}

/** How many tickets to take from a lane. */
interface Share {
  readonly lane: Lane
  readonly count: number
}

type Taken = Pick<Ticket, "id" | "version" | "lane">

export class Claiming {
  readonly #connection: Connection
  readonly #table: string
  readonly #lanes: Lanes

  constructor(connection: Connection, schema: string, lanes: Lanes) {
    this.#connection = connection
    this.#table = `${schema}.outbox_entry`
    this.#lanes = lanes
  }

  async claim(request: ClaimRequest): Promise<Claims> {
    await this.#takeBackLost(request.at)
    const busy = await this.#busy()
    if (busy.every(({ wakeAt }) => wakeAt > request.at) || request.most < 1) {
      const nextAt = await this.#nextAt(busy, new Set(), this.#connection.pool)
      return { claimed: [], nextAt }
    }
    const shares = await this.#shares(busy, request)
    return this.#connection.transaction(async (tx) => {
      const taken = [...(await this.#overdue(request, tx))]
      for (const { lane, count } of shares) {
        const most = Math.min(count, request.most - taken.length)
        if (most > 0) taken.push(...(await this.#lanes.take(lane, request.at, most, tx)))
      }
      const claimed = await this.#lease(taken, request, tx)
      return { claimed, nextAt: await this.#nextAt(busy, new Set(taken.map(({ lane }) => lane)), tx) }
    })
  }

  /** Entries whose lease has ended wait again, with a new ticket. */
  async #takeBackLost(at: number): Promise<void> {
    const lost = `state = 'sending' AND lease_until <= $1`
    const [row] = await this.#connection.query(`SELECT EXISTS (SELECT FROM ${this.#table} WHERE ${lost}) AS yes`, [at])
    if (row?.["yes"] !== true) return
    await this.#connection.transaction(async (tx) => {
      const { rows } = await tx.query(
        `UPDATE ${this.#table} SET state = 'waiting', version = version + 1, changed_at = $1, lease = NULL, lease_until = NULL
         WHERE id IN (SELECT id FROM ${this.#table} WHERE ${lost} ORDER BY lease_until LIMIT 1000 FOR UPDATE SKIP LOCKED)
         RETURNING id, version, lane, wake_at`,
        [at],
      )
      const tickets = rows.map((row) => ticketOf(row))
      await this.#lanes.withdraw(tickets, tx)
      await this.#lanes.issue(tickets, tx)
    })
  }

  /** The lanes that are not empty: one look into the index for each, however many entries wait. */
  async #busy(): Promise<readonly Busy[]> {
    const first = (beyond: string): string =>
      `SELECT lane, wake_at FROM ${this.#table} WHERE state = 'waiting' AND ticketed ${beyond} ORDER BY lane, wake_at LIMIT 1`
    const rows = await this.#connection.query(
      `WITH RECURSIVE busy AS (
         (${first("")}) UNION ALL SELECT next.* FROM busy, LATERAL (${first("AND lane > busy.lane")}) next
       ) SELECT lane, wake_at FROM busy`,
    )
    const ids = rows.map((row) => Number(row["lane"]))
    const lanes = await this.#lanes.all(ids, this.#connection.pool)
    return lanes.map((lane, index) => ({ lane, wakeAt: Number(rows[index]?.["wake_at"]) }))
  }

  /** Which entries come next, told by lane; a lane then hands them out in the same order. */
  async #shares(busy: readonly Busy[], request: ClaimRequest): Promise<readonly Share[]> {
    const room = new Map<string, number>()
    const roomOf = (origin: string): number => {
      const known = room.get(origin) ?? request.room(origin)
      room.set(origin, known)
      return known
    }
    const due = busy
      .filter(({ lane, wakeAt }) => wakeAt <= request.at && roomOf(lane.origin) >= 1)
      .toSorted((a, b) => b.lane.priority - a.lane.priority || a.wakeAt - b.wakeAt)
      .slice(0, request.most)
    const only = due[0]
    if (due.length === 1 && only !== undefined) {
      return [{ lane: only.lane, count: Math.min(request.most, roomOf(only.lane.origin)) }]
    }
    const counts = new Map<Lane, number>()
    let left = request.most
    for (const lane of await this.#queueUp(due, roomOf, request)) {
      const free = roomOf(lane.origin)
      if (left < 1 || free < 1) continue
      left--
      room.set(lane.origin, free - 1)
      counts.set(lane, (counts.get(lane) ?? 0) + 1)
    }
    return Array.from(counts, ([lane, count]) => ({ lane, count }))
  }

  /** The lanes of the next entries, one for each entry, in the entries' order. */
  async #queueUp(
    due: readonly Busy[],
    roomOf: (origin: string) => number,
    { at, most }: ClaimRequest,
  ): Promise<readonly Lane[]> {
    if (due.length === 0) return []
    const rows = await this.#connection.query(
      `SELECT l.lane, e.wake_at FROM unnest($1::integer[], $2::integer[]) AS l(lane, room), LATERAL (
         SELECT wake_at FROM ${this.#table}
         WHERE lane = l.lane AND state = 'waiting' AND ticketed AND wake_at <= $3 ORDER BY wake_at LIMIT l.room
       ) e`,
      [due.map(({ lane }) => lane.id), due.map(({ lane }) => Math.min(most, roomOf(lane.origin))), at],
    )
    const byId = new Map(due.map(({ lane }) => [lane.id, lane]))
    return rows
      .flatMap((row) => {
        const lane = byId.get(Number(row["lane"]))
        return lane === undefined ? [] : { lane, wakeAt: Number(row["wake_at"]) }
      })
      .toSorted((a, b) => b.lane.priority - a.lane.priority || a.wakeAt - b.wakeAt)
      .map(({ lane }) => lane)
  }

  /** Takes the tickets of entries whose lifetime has ended out of their lanes, which may be held back. */
  async #overdue({ at, most }: ClaimRequest, tx: Queryable): Promise<readonly Taken[]> {
    const { rows } = await tx.query(
      `SELECT id, version, lane, wake_at FROM ${this.#table}
       WHERE state = 'waiting' AND ticketed AND expires_at <= $1 ORDER BY expires_at LIMIT $2`,
      [at, most],
    )
    const tickets = rows.map((row) => ticketOf(row))
    await this.#lanes.withdraw(tickets, tx)
    return tickets
  }

  /** Makes leases of tickets. */
  async #lease(taken: readonly Taken[], { at, leaseUntil }: ClaimRequest, tx: Queryable): Promise<readonly Claimed[]> {
    if (taken.length === 0) return []
    const { rows } = await tx.query(
      `UPDATE ${this.#table} e SET state = 'sending', version = e.version + 1, changed_at = $3,
         lease = gen_random_uuid(), lease_until = $4
       FROM unnest($1::uuid[], $2::integer[]) AS t(ticket, valid_for)
       WHERE e.id = t.ticket AND e.version = t.valid_for AND e.state = 'waiting' AND e.ticketed
       RETURNING e.lease, ${COLUMNS}`,
      [taken.map(({ id }) => id), taken.map(({ version }) => version), at, leaseUntil],
    )
    const valid = new Set(rows.map((row) => row["id"]))
    await this.#renew(
      taken.filter(({ id }) => !valid.has(id)),
      tx,
    )
    return rows
      .map((row: Row) => ({ entry: entryOf(row), lease: { id: String(row["id"]), token: String(row["lease"]) } }))
      .toSorted((a, b) => b.entry.priority - a.entry.priority || a.entry.dueAt - b.entry.dueAt)
  }

  /** Replaces tickets that do not fit their entry any more, where it still waits for one. */
  async #renew(stale: readonly Taken[], tx: Queryable): Promise<void> {
    if (stale.length === 0) return
    await this.#lanes.withdraw(stale, tx)
    const { rows } = await tx.query(
      `SELECT id, version, lane, wake_at FROM ${this.#table}
       WHERE id = ANY($1) AND state = 'waiting' AND ticketed ORDER BY id FOR UPDATE`,
      [stale.map(({ id }) => id)],
    )
    await this.#lanes.issue(
      rows.map((row) => ticketOf(row)),
      tx,
    )
  }

  /** The first instant at which there is something to do: an entry wakes, or a lease ends. */
  async #nextAt(busy: readonly Busy[], touched: ReadonlySet<number>, on: Queryable): Promise<number | undefined> {
    const { rows } = await on.query(
      `SELECT LEAST((SELECT min(lease_until) FROM ${this.#table} WHERE state = 'sending'), (
         SELECT min(first.wake_at) FROM unnest($1::integer[]) AS l(lane), LATERAL (
           SELECT wake_at FROM ${this.#table} WHERE lane = l.lane AND state = 'waiting' AND ticketed ORDER BY wake_at LIMIT 1
         ) first
       )) AS at`,
      [[...touched]],
    )
    const at = rows[0]?.["at"]
    const known = busy.flatMap(({ lane, wakeAt }) => (touched.has(lane.id) ? [] : wakeAt))
    const all = typeof at === "string" ? [...known, Number(at)] : known
    return all.length === 0 ? undefined : Math.min(...all)
  }
}
