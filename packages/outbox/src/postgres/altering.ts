import { randomUUID } from "node:crypto"
import type { Alteration, StoredEntry } from "../store.ts"
import { isSmall, type Bodies } from "./bodies.ts"
import type { Connection, Queryable, Row } from "./connection.ts"
import { bufferOf, COLUMNS, entryOf, isId, textOf, wakeAt } from "./entries.ts"
import type { Lanes } from "./lanes.ts"
import type { Order } from "./order.ts"

interface Present {
  readonly entry: StoredEntry
  readonly lane: number
  readonly body: string | null
}

/** An entry as it is to be. */
interface Changed {
  readonly was: Present
  readonly entry: StoredEntry
  readonly lane: number
  readonly body: string | null
}

/** Nobody is sending it, or who did has lost the lease; $3 is now. */
const FREE = "(state <> 'sending' OR lease_until <= $3)"

/** Someone else changed or took the entry: the transaction is to leave everything as it is. */
const CHANGED = Symbol("changed meanwhile")

/** Changes entries that nobody is sending. */
export class Altering {
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

  async alter(id: string, version: number, alteration: Alteration): Promise<boolean> {
    if (!isId(id)) return false
    const sql = `SELECT ${COLUMNS}, lane, body FROM ${this.#table} WHERE id = $1 AND version = $2 AND ${FREE}`
    const [row] = await this.#connection.query(sql, [id, version, Math.floor(alteration.at)])
    if (row === undefined) return false
    const changed = await this.#changed(present(row), alteration)
    const write = (tx: Queryable): Promise<void> => this.#write(changed, alteration, tx)
    // A stream is read once: when its transaction fails there is no second run.
    const isStream = alteration.body != null && !isSmall(alteration.body)
    try {
      await (isStream ? this.#connection.transactionOnce(write) : this.#connection.transaction(write))
      return true
    } catch (error) {
      if (error === CHANGED) return false
      throw error
    }
  }

  async #changed(was: Present, { at, body, ...fields }: Alteration): Promise<Changed> {
    const entry = { ...was.entry, ...fields, changedAt: at, version: was.entry.version + 1 }
    const lane = await this.#lanes.of(entry.origin, entry.priority, wakeAt(entry))
    const bodyAfter = body === undefined ? was.body : body === null ? null : randomUUID()
    return { was, entry, lane: lane.id, body: bodyAfter }
  }

  async #write(changed: Changed, { body }: Alteration, tx: Queryable): Promise<void> {
    const { was, entry } = changed
    const keys = entry.orderingKey === undefined ? [] : [entry.orderingKey]
    await this.#order.lock(keys, tx)
    // The ticket first: who is taking it at this moment has then either taken it, or will not.
    await this.#lanes.withdraw([{ id: entry.id, lane: was.lane }], tx)
    if (!(await this.#writeRow(changed, tx))) throw CHANGED
    if (changed.body !== was.body) {
      if (was.body !== null) await this.#bodies.remove([was.body], tx)
      const bytes = body == null || changed.body === null ? null : await this.#bodies.write(changed.body, body, tx)
      await tx.query(`UPDATE ${this.#table} SET body_bytes = $2 WHERE id = $1`, [entry.id, bytes])
    }
    if (entry.state === "waiting" && entry.orderingKey === undefined) {
      await this.#lanes.issue([{ id: entry.id, version: entry.version, lane: changed.lane, wakeAt: wakeAt(entry) }], tx)
    }
    await this.#order.settle(keys, tx)
  }

  async #writeRow({ was, entry, lane, body }: Changed, tx: Queryable): Promise<boolean> {
    const { rows } = await tx.query(
      `UPDATE ${this.#table} SET version = version + 1, changed_at = $3, state = $4, origin = $5, priority = $6, due_at = $7,
         expires_at = $8, tries = $9, content = $10, lane = $11, body = $12, lease = NULL, lease_until = NULL,
         ticketed = $4 = 'waiting' AND ordering_key IS NULL
       WHERE id = $1 AND version = $2 AND ${FREE} RETURNING id`,
      [
        entry.id,
        was.entry.version,
        Math.floor(entry.changedAt),
        entry.state,
        entry.origin,
        entry.priority,
        Math.ceil(entry.dueAt),
        Math.ceil(entry.expiresAt),
        entry.tries,
        bufferOf(entry.content),
        lane,
        body,
      ],
    )
    return rows.length > 0
  }
}

function present(row: Row): Present {
  return { entry: entryOf(row), lane: Number(row["lane"]), body: textOf(row["body"]) ?? null }
}
