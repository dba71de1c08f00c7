import type { Queryable, Row } from "./connection.ts"
import { textsOf } from "./entries.ts"
import type { Lanes, Ticket } from "./lanes.ts"

/**
 * Ordering keys: of the entries of one, the first that is not settled has the ticket, and no other. Whoever adds, settles
 * or changes one of them holds the key's lock until its transaction ends.
 */
export class Order {
  readonly #table: string
  readonly #schema: string
  readonly #lanes: Lanes

  constructor(schema: string, lanes: Lanes) {
    this.#schema = schema
    this.#table = `${schema}.outbox_entry`
    this.#lanes = lanes
  }

  async lock(keys: readonly string[], tx: Queryable): Promise<void> {
    if (keys.length === 0) return
    // Sorted, so that two transactions never wait for each other's keys.
    await tx.query(
      `SELECT pg_advisory_xact_lock(hash) FROM (
         SELECT DISTINCT hashtextextended($1 || key, 0) AS hash FROM unnest($2::text[]) AS k(key) ORDER BY 1 OFFSET 0
       ) sorted`,
      [`${this.#schema} `, [...keys]],
    )
  }

  /** Locks those that can be had at once. Resolves to the others. */
  async tryLock(keys: readonly string[], tx: Queryable): Promise<ReadonlySet<string>> {
    if (keys.length === 0) return new Set()
    const { rows } = await tx.query(
      `SELECT key FROM unnest($2::text[]) AS k(key) WHERE NOT pg_try_advisory_xact_lock(hashtextextended($1 || key, 0))`,
      [`${this.#schema} `, [...new Set(keys)]],
    )
    return new Set(textsOf("key", rows))
  }

  /** Gives the tickets of these keys, which are locked, to whom they belong now. True when one was issued. */
  async settle(keys: readonly string[], tx: Queryable): Promise<boolean> {
    if (keys.length === 0) return false
    const firsts = await this.#firsts(keys, tx)
    const held = await this.#holders(keys, firsts, tx)
    const heads = firsts.filter((row) => {
      return row["state"] === "waiting" && row["ticketed"] === false && !held.has(String(row["ordering_key"]))
    })
    if (heads.length === 0) return false
    const tickets = heads.map((row) => ticketOf(row))
    await tx.query(`UPDATE ${this.#table} SET ticketed = true WHERE id = ANY($1)`, [tickets.map(({ id }) => id)])
    await this.#lanes.issue(tickets, tx)
    return true
  }

  async #firsts(keys: readonly string[], tx: Queryable): Promise<readonly Row[]> {
    const { rows } = await tx.query(
      `SELECT first.* FROM unnest($1::text[]) AS k(key), LATERAL (
         SELECT id, version, state, ordering_key, lane, wake_at, ticketed FROM ${this.#table}
         WHERE ordering_key = k.key AND (state IN ('waiting', 'sending')
           OR (state IN ('rejected', 'expired') AND after_rejection = 'hold'))
         ORDER BY position LIMIT 1
       ) first`,
      [[...new Set(keys)]],
    )
    return rows
  }

  /** Takes the tickets of those that are not first any more. Resolves to the keys of which one is being sent. */
  async #holders(keys: readonly string[], firsts: readonly Row[], tx: Queryable): Promise<ReadonlySet<string>> {
    const { rows } = await tx.query(
      `SELECT id, lane FROM ${this.#table} WHERE ordering_key = ANY($1) AND ticketed AND id <> ALL($2)`,
      [[...keys], firsts.map((row) => row["id"])],
    )
    if (rows.length === 0) return new Set()
    const ids = rows.map((row) => String(row["id"]))
    const others = `SELECT ordering_key FROM ${this.#table} WHERE id = ANY($1) AND state = 'sending'`
    const waiting = `SELECT id, lane FROM ${this.#table} WHERE id = ANY($1) AND state = 'waiting'`
    // The ticket first: who is taking it at this moment has then either taken it or will not.
    await this.#lanes.withdraw(
      (await tx.query(waiting, [ids])).rows.map((row) => ({ id: String(row["id"]), lane: Number(row["lane"]) })),
      tx,
    )
    await tx.query(`UPDATE ${this.#table} SET ticketed = false WHERE id = ANY($1) AND state = 'waiting'`, [ids])
    return new Set((await tx.query(others, [ids])).rows.map((row) => String(row["ordering_key"])))
  }
}

export function ticketOf(row: Row): Ticket {
  return {
    id: String(row["id"]),
    version: Number(row["version"]),
    lane: Number(row["lane"]),
    wakeAt: Number(row["wake_at"]),
  }
}
