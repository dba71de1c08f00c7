import type { EntryState } from "../entry.ts"
import type { Bodies } from "./bodies.ts"
import type { Connection, Queryable, Row } from "./connection.ts"
import { textsOf } from "./entries.ts"
import type { Lanes } from "./lanes.ts"
import type { Order } from "./order.ts"

/** Removes entries with their bodies and tickets. */
export class Removing {
  readonly #connection: Connection
  readonly #table: string
  readonly #bodies: Bodies
  readonly #lanes: Lanes
  readonly #order: Order

  constructor(connection: Connection, schema: string, bodies: Bodies, lanes: Lanes, order: Order) {
    this.#connection = connection
    this.#table = `${schema}.outbox_entry`
    this.#bodies = bodies
    this.#lanes = lanes
    this.#order = order
  }

  async remove(states: readonly EntryState[], changedBefore: number, most: number): Promise<number> {
    if (states.length === 0 || most < 1) return 0
    return this.#connection.transaction(async (tx) => {
      const { rows } = await tx.query(
        `SELECT id, ordering_key, lane, ticketed FROM ${this.#table}
         WHERE state = ANY($1) AND changed_at < $2 ORDER BY changed_at, id LIMIT $3`,
        [states, Math.ceil(changedBefore), most],
      )
      return rows.length === 0 ? 0 : this.#remove(rows, states, tx)
    })
  }

  async #remove(rows: readonly Row[], states: readonly EntryState[], tx: Queryable): Promise<number> {
    const keys = textsOf("ordering_key", rows)
    await this.#order.lock(keys, tx)
    const ticketed = rows.filter((row) => row["ticketed"] === true)
    await this.#lanes.withdraw(
      ticketed.map((row) => ({ id: String(row["id"]), lane: Number(row["lane"]) })),
      tx,
    )
    const { rows: removed } = await tx.query(
      `DELETE FROM ${this.#table} WHERE id = ANY($1) AND state = ANY($2) RETURNING body`,
      [rows.map((row) => row["id"]), states],
    )
    await this.#bodies.remove(textsOf("body", removed), tx)
    await this.#order.settle(keys, tx)
    return removed.length
  }
}
