import type { ClaimRequest, Claims } from "../store.ts"
import type { Connection, Queryable } from "./connection.ts"
import { COLUMNS, entryOf, textsOf } from "./entries.ts"
import type { Lane, Lanes, Ticket } from "./lanes.ts"
import { ticketOf, type Order } from "./order.ts"

/** A lane in which entries wait, and when the first of them wakes. */
interface Busy {
  readonly lane: Lane
  readonly wakeAt: number
}

/** What there is to do, and when. */
interface Outlook {
  readonly busy: readonly Busy[]
  /** When the first of the leases ends; infinity without any. */
  readonly leaseEnd: number
  readonly isLost: boolean
  readonly isOverdue: boolean
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
  readonly #order: Order

  constructor(connection: Connection, schema: string, lanes: Lanes, order: Order) {
    this.#connection = connection
    this.#table = `${schema}.outbox_entry`
    this.#lanes = lanes
    this.#order = order
  }

  async claim({ at, leaseUntil, most, room }: ClaimRequest): Promise<Claims> {
    // Instants are whole milliseconds here: nothing is due early, and no lease ends early.
    const request = { at: Math.floor(at), leaseUntil: Math.ceil(leaseUntil), most, room }
    let outlook = await this.#outlook(request.at)
    if (outlook.isLost) {
      await this.#takeBackLost(request.at)
      outlook = await this.#outlook(request.at)
    }
    const { busy, isOverdue } = outlook
    const isDue = isOverdue || busy.some(({ wakeAt }) => wakeAt <= request.at)
    if (!isDue || request.most < 1) return { claimed: [], nextAt: earliest(outlook) }
    const shares = await this.#shares(busy, request)
    if (!isOverdue && shares.length === 0) return { claimed: [], nextAt: earliest(outlook) }
    return this.#connection.transaction((tx) => this.#take(outlook, shares, request, tx))
  }

  async #take(outlook: Outlook, shares: readonly Share[], request: ClaimRequest, tx: Queryable): Promise<Claims> {
    const taken = outlook.isOverdue ? [...(await this.#overdue(request, tx))] : []
    for (const { lane, count } of shares) {
      const most = Math.min(count, request.most - taken.length)
      if (most > 0) taken.push(...(await this.#lanes.take(lane, request.at, most, tx)))
    }
    return this.#lease(taken, outlook, request, tx)
  }

  /** Entries whose lease has ended wait again, with a new ticket or behind one of their ordering key that was released. */
  async #takeBackLost(at: number): Promise<void> {
    await this.#connection.transaction(async (tx) => {
      const { rows: lost } = await tx.query(
        `SELECT id, ordering_key FROM ${this.#table} WHERE state = 'sending' AND lease_until <= $1
         ORDER BY lease_until LIMIT 1000 FOR UPDATE SKIP LOCKED`,
        [at],
      )
      const keys = textsOf("ordering_key", lost)
      // Those of keys that others hold at this moment are left to the next claim: nobody waits for anybody here.
      const held = await this.#order.tryLock(keys, tx)
      const free = lost.filter((row) => textsOf("ordering_key", [row]).every((key) => !held.has(key)))
      const { rows } = await tx.query(
        `UPDATE ${this.#table} SET state = 'waiting', version = version + 1, changed_at = $1, lease = NULL, lease_until = NULL
         WHERE id = ANY($2) RETURNING id, version, lane, wake_at`,
        [at, free.map((row) => row["id"])],
      )
      const tickets = rows.map((row) => ticketOf(row))
      await this.#lanes.withdraw(tickets, tx)
      await this.#lanes.issue(tickets, tx)
      await this.#order.settle(textsOf("ordering_key", free), tx)
    })
  }

  /** The lanes that are not empty: one look into the index for each, however many entries wait. */
  async #outlook(at: number): Promise<Outlook> {
    const first = (beyond: string): string =>
      `SELECT lane, wake_at FROM ${this.#table} WHERE state = 'waiting' AND ticketed ${beyond} ORDER BY lane, wake_at LIMIT 1`
    const rows = await this.#connection.query(
      `WITH RECURSIVE busy AS (
         (${first("")}) UNION ALL SELECT next.* FROM busy, LATERAL (${first("AND lane > busy.lane")}) next
       ), apart AS (
         SELECT (SELECT min(lease_until) FROM ${this.#table} WHERE state = 'sending') AS lease_end,
           EXISTS (SELECT FROM ${this.#table} WHERE state = 'waiting' AND ticketed AND expires_at <= $1) AS overdue
       ) SELECT lane, wake_at, lease_end, overdue FROM apart LEFT JOIN busy ON true`,
      [at],
    )
    const lease = rows[0]?.["lease_end"] ?? undefined
    const leaseEnd = lease === undefined ? Number.POSITIVE_INFINITY : Number(lease)
    const wakes = new Map(
      rows.flatMap((row) => (row["lane"] === null ? [] : [[Number(row["lane"]), Number(row["wake_at"])]])),
    )
    const lanes = await this.#lanes.all([...wakes.keys()], this.#connection.pool)
    return {
      busy: lanes.map((lane) => ({ lane, wakeAt: wakes.get(lane.id) ?? at })),
      leaseEnd,
      isLost: leaseEnd <= at,
      isOverdue: rows[0]?.["overdue"] === true,
    }
  }

  /** Which entries come next, told by lane; a lane then hands them out in the same order. */
  async #shares(busy: readonly Busy[], request: ClaimRequest): Promise<readonly Share[]> {
    const rooms = new Map<string, number>()
    const roomOf = (origin: string): number => {
      const known = rooms.get(origin) ?? Math.floor(request.room(origin))
      rooms.set(origin, known)
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
      rooms.set(lane.origin, free - 1)
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

  /** Makes leases of tickets, and tells what comes next. */
  async #lease(taken: readonly Taken[], outlook: Outlook, request: ClaimRequest, tx: Queryable): Promise<Claims> {
    if (taken.length === 0) return { claimed: [], nextAt: earliest(outlook) }
    const touched = new Set(taken.map(({ lane }) => lane))
    // The condition is put in a CASE so that no index of all that waits is taken for it: the ids are few.
    const { rows } = await tx.query(
      `WITH leased AS (
         UPDATE ${this.#table} e SET state = 'sending', version = e.version + 1, changed_at = $3,
           lease = gen_random_uuid(), lease_until = $4
         FROM unnest($1::uuid[], $2::integer[]) AS t(ticket, valid_for)
         WHERE e.id = t.ticket AND e.version = t.valid_for AND CASE WHEN e.state = 'waiting' THEN e.ticketed END
         RETURNING e.lease, ${COLUMNS}
       ), next AS (
         SELECT min(first.wake_at) AS next_at FROM unnest($5::integer[]) AS l(lane), LATERAL (
           SELECT wake_at FROM ${this.#table}
           WHERE lane = l.lane AND state = 'waiting' AND ticketed AND id <> ALL($1) ORDER BY wake_at LIMIT 1
         ) first
       ) SELECT * FROM next LEFT JOIN leased ON true`,
      [taken.map(({ id }) => id), taken.map(({ version }) => version), request.at, request.leaseUntil, [...touched]],
    )
    const leased = rows.filter((row) => row["lease"] !== null)
    const valid = new Set(leased.map((row) => row["id"]))
    await this.#renew(
      taken.filter(({ id }) => !valid.has(id)),
      tx,
    )
    const claimed = leased
      .map((row) => ({ entry: entryOf(row), lease: { id: String(row["id"]), token: String(row["lease"]) } }))
      .toSorted((a, b) => b.entry.priority - a.entry.priority || a.entry.dueAt - b.entry.dueAt)
    const next = rows[0]?.["next_at"] ?? undefined
    const rest = outlook.busy.filter(({ lane }) => !touched.has(lane.id)).map(({ wakeAt }) => wakeAt)
    const ends = [outlook.leaseEnd, ...(leased.length > 0 ? [request.leaseUntil] : [])]
    return { claimed, nextAt: first([...rest, ...ends, ...(next === undefined ? [] : [Number(next)])]) }
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
}

/** When an entry wakes or a lease ends. */
function earliest({ busy, leaseEnd }: Outlook): number | undefined {
  return first([leaseEnd, ...busy.map(({ wakeAt }) => wakeAt)])
}

function first(instants: readonly number[]): number | undefined {
  const at = instants.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY)
  return at === Number.POSITIVE_INFINITY ? undefined : at
}
