import { randomUUID } from "node:crypto"
import type { Added, NewEntry } from "../store.ts"
import { isSmall, type Bodies } from "./bodies.ts"
import type { Queryable } from "./connection.ts"
import { bufferOf, COLUMNS, entryOf, newEntry, wakeAt } from "./entries.ts"
import type { Lane, Lanes } from "./lanes.ts"
import type { Order } from "./order.ts"

/** An entry on its way in. */
export interface Incoming {
  readonly entry: NewEntry
  readonly lane: Lane
  readonly body: string | undefined
}

/** Adds entries with their bodies and tickets. */
export class Adding {
  readonly #table: string
  readonly #position: string
  readonly #bodies: Bodies
  readonly #lanes: Lanes
  readonly #order: Order

  constructor(schema: string, bodies: Bodies, lanes: Lanes, order: Order) {
    this.#table = `${schema}.outbox_entry`
    this.#position = `${schema}.outbox_position`
    this.#bodies = bodies
    this.#lanes = lanes
    this.#order = order
  }

  /** Finds the lanes; to be asked before the transaction begins. */
  async prepare(entries: readonly NewEntry[]): Promise<readonly Incoming[]> {
    const incoming: Incoming[] = []
    for (const entry of entries) {
      const lane = await this.#lanes.of(entry.origin, entry.priority, wakeAt(entry))
      incoming.push({ entry, lane, body: entry.body === undefined ? undefined : randomUUID() })
    }
    return incoming
  }

  /** Adds those of whom nobody else is changing an ordering key at this moment. Resolves to undefined for the others. */
  async addFree(
    all: readonly (readonly Incoming[])[],
    tx: Queryable,
  ): Promise<readonly (readonly Added[] | undefined)[]> {
    const busy = await this.#order.tryLock(all.flatMap(keysOf), tx)
    const isFree = (incoming: readonly Incoming[]): boolean => !keysOf(incoming).some((key) => busy.has(key))
    const added = await this.#addLocked(all.filter(isFree).flat(), tx)
    let from = 0
    return all.map((incoming) => (isFree(incoming) ? added.slice(from, (from += incoming.length)) : undefined))
  }

  /** Waits for who is changing an ordering key. */
  async add(incoming: readonly Incoming[], tx: Queryable): Promise<readonly Added[]> {
    await this.#order.lock(keysOf(incoming), tx)
    return this.#addLocked(incoming, tx)
  }

  async #addLocked(incoming: readonly Incoming[], tx: Queryable): Promise<readonly Added[]> {
    const results = new Map<string, Added>()
    let left = incoming
    while (left.length > 0) {
      // More than once only when the entry that has a key goes away at this very moment.
      await this.#insert(left, results, tx)
      left = left.filter(({ entry }) => !results.has(entry.id))
    }
    await this.#issue(
      incoming.filter(({ entry }) => results.get(entry.id)?.isNew === true),
      tx,
    )
    return incoming.flatMap(({ entry }) => results.get(entry.id) ?? [])
  }

  async #insert(incoming: readonly Incoming[], results: Map<string, Added>, tx: Queryable): Promise<void> {
    const inserted = await this.#insertRows(incoming, tx)
    for (const { entry, body } of incoming) {
      if (!inserted.has(entry.id)) continue
      const bytes = body === undefined ? undefined : await this.#large(entry, body, tx)
      results.set(entry.id, { entry: newEntry(entry, bytes), isNew: true })
    }
    await this.#existing(
      incoming.filter(({ entry }) => !inserted.has(entry.id)),
      results,
      tx,
    )
  }

  /** Writes a body that was not written with its entry. Resolves to how many bytes it has. */
  async #large({ id, body }: NewEntry, bodyId: string, tx: Queryable): Promise<number | undefined> {
    if (body === undefined || isSmall(body)) return body?.byteLength
    const bytes = await this.#bodies.write(bodyId, body, tx)
    await tx.query(`UPDATE ${this.#table} SET body_bytes = $2 WHERE id = $1`, [id, bytes])
    return bytes
  }

  /** Resolves to the ids of those whose key nobody had. */
  async #insertRows(incoming: readonly Incoming[], tx: Queryable): Promise<ReadonlySet<string>> {
    const column = <T>(of: (incoming: Incoming) => T): T[] => incoming.map((one) => of(one))
    // In the order of the keys, so that two transactions never wait for each other's; the order of adding is the
    // position's.
    const { rows } = await tx.query(
      `WITH new AS MATERIALIZED (
         SELECT nextval('${this.#position}') AS position, given.* FROM unnest(
           $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::bigint[], $8::bigint[],
           $9::bigint[], $10::bytea[], $11::uuid[], $12::bytea[], $13::integer[]
         ) AS given(id, origin, key, ordering_key, after_rejection, priority, added_at, due_at, expires_at, content, body,
           bytes, lane)
       ), added AS (
       INSERT INTO ${this.#table} (position, state, version, tries, changed_at, id, origin, key, ordering_key,
         after_rejection, priority, added_at, due_at, expires_at, content, body, body_bytes, lane, ticketed)
       SELECT position, 'waiting', 1, 0, added_at, id, origin, key, ordering_key,
         after_rejection, priority, added_at, due_at, expires_at, content, body, octet_length(bytes), lane, ordering_key IS NULL
       FROM new ORDER BY key
       ON CONFLICT (key) WHERE key IS NOT NULL AND state <> 'discarded' DO NOTHING RETURNING id
       ), bodies AS (
         INSERT INTO ${this.#bodies.table} (id, piece, bytes)
         SELECT body, 0, bytes FROM new JOIN added USING (id) WHERE octet_length(bytes) > 0
       ) SELECT id FROM added`,
      [
        column(({ entry }) => entry.id),
        column(({ entry }) => entry.origin),
        column(({ entry }) => entry.key ?? null),
        column(({ entry }) => entry.orderingKey ?? null),
        column(({ entry }) => entry.afterRejection),
        column(({ entry }) => entry.priority),
        column(({ entry }) => Math.floor(entry.addedAt)),
        column(({ entry }) => Math.ceil(entry.dueAt)),
        column(({ entry }) => Math.ceil(entry.expiresAt)),
        column(({ entry }) => bufferOf(entry.content)),
        column(({ body }) => body ?? null),
        column(({ entry }) => (entry.body !== undefined && isSmall(entry.body) ? bufferOf(entry.body) : null)),
        column(({ lane }) => lane.id),
      ],
    )
    return new Set(rows.map((row) => String(row["id"])))
  }

  async #existing(incoming: readonly Incoming[], results: Map<string, Added>, tx: Queryable): Promise<void> {
    if (incoming.length === 0) return
    const { rows } = await tx.query(
      `SELECT ${COLUMNS} FROM ${this.#table} WHERE key = ANY($1) AND state <> 'discarded'`,
      [incoming.map(({ entry }) => entry.key)],
    )
    const byKey = new Map(rows.map((row) => [row["key"], row]))
    for (const { entry } of incoming) {
      const row = byKey.get(entry.key)
      if (row !== undefined) results.set(entry.id, { entry: entryOf(row), isNew: false })
    }
  }

  async #issue(incoming: readonly Incoming[], tx: Queryable): Promise<void> {
    const free = incoming.filter(({ entry }) => entry.orderingKey === undefined)
    await this.#lanes.issue(
      free.map(({ entry, lane }) => ({ id: entry.id, version: 1, lane: lane.id, wakeAt: wakeAt(entry) })),
      tx,
    )
    await this.#order.settle(keysOf(incoming), tx)
  }
}

function keysOf(incoming: readonly Incoming[]): readonly string[] {
  return incoming.flatMap(({ entry }) => entry.orderingKey ?? [])
}
