import { createHash } from "node:crypto"
import { PgBoss } from "pg-boss"
import type { Connection, Queryable, Row } from "./connection.ts"

/**
 * Where the tickets of one origin and priority wait: a queue of pg-boss's.
 *
 * pg-boss hands jobs out by a priority of 32 bits, then by when they were created, and by the server's clock. An outbox
 * wants the most important first, then what was due first, and by its own clock. So the outbox's priority is a queue of
 * its own, and pg-boss's priority is the instant at which an entry falls due, the earlier the higher: fetching from a
 * least priority on is fetching what is due. Of milliseconds 32 bits hold 49.7 days: an era; the next is another queue.
 */
export interface Lane {
  readonly id: number
  readonly origin: string
  readonly priority: number
  readonly era: number
  readonly queue: string
}

/** "Entry `id` may be sent from `wakeAt` on, if it is of this version." */
export interface Ticket {
  readonly id: string
  readonly version: number
  readonly lane: number
  readonly wakeAt: number
}

const ERA_MS = 2 ** 32
const HIGHEST = 2 ** 31 - 1

function eraOf(at: number): number {
  return Math.floor(at / ERA_MS)
}

/** pg-boss's priority of what falls due at this instant of its era. */
function urgency(at: number): number {
  return HIGHEST - (at - eraOf(at) * ERA_MS)
}

const nothing = (): void => {}

/** The queues of pg-boss, and the tickets in them. */
export class Lanes {
  readonly #connection: Connection
  readonly #table: string
  readonly #boss: PgBoss
  readonly #byId = new Map<number, Lane>()
  readonly #byName = new Map<string, Lane>()

  constructor(connection: Connection, schema: string) {
    this.#connection = connection
    this.#table = `${schema}.outbox_lane`
    this.#boss = new PgBoss({
      schema,
      db: { executeSql: async (text, values) => executed(connection.pool, text, values) },
      createSchema: false,
      // Leases and their ends are the outbox's, by its clock; a ticket is deleted with its entry's settling: there is
      // nothing to expire, to retry or to clean up, and nothing recurs.
      supervise: false,
      schedule: false,
      registerInstance: false,
      openTelemetry: { enabled: false },
      // A queue never changes once it exists; those of other processes are looked up when they are met.
      queueCacheIntervalSeconds: 86_400,
    })
    // What it cannot do in the background it tries again; its events, unheard, would end the program.
    this.#boss.on("error", nothing)
    this.#boss.on("warning", nothing)
  }

  async open(): Promise<void> {
    await this.#boss.start()
  }

  async close(): Promise<void> {
    await this.#boss.stop({ close: false, graceful: false })
  }

  /** The lane of an entry, made when it is the first one there. Not within a transaction: a lane outlives it. */
  async of(origin: string, priority: number, wakeAt: number): Promise<Lane> {
    const era = eraOf(wakeAt)
    const known = this.#byName.get(nameOf(origin, priority, era))
    return known ?? (await this.#make(origin, priority, era))
  }

  async #make(origin: string, priority: number, era: number): Promise<Lane> {
    const hash = createHash("sha256").update(origin).digest("hex").slice(0, 32)
    const queue = `${hash}.${priority}.${era}`
    await this.#boss.createQueue(queue)
    const rows = await this.#connection.query(
      `WITH made AS (
         INSERT INTO ${this.#table} (origin, priority, era, queue) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id
       ) SELECT id FROM made
         UNION ALL SELECT id FROM ${this.#table} WHERE origin = $1 AND priority = $2 AND era = $3 LIMIT 1`,
      [origin, priority, era, queue],
    )
    // Another process made it between the two halves of the statement: now it is to be seen.
    const row = rows[0]
    return row === undefined
      ? this.#make(origin, priority, era)
      : this.#know({ id: Number(row["id"]), origin, priority, era, queue })
  }

  #know(lane: Lane): Lane {
    this.#byId.set(lane.id, lane)
    this.#byName.set(nameOf(lane.origin, lane.priority, lane.era), lane)
    return lane
  }

  /** Lanes by their ids, looked up where another process made them. */
  async all(ids: readonly number[], on: Queryable): Promise<readonly Lane[]> {
    const unknown = ids.filter((id) => !this.#byId.has(id))
    if (unknown.length > 0) {
      const { rows } = await on.query(
        `SELECT id, origin, priority, era, queue FROM ${this.#table} WHERE id = ANY($1)`,
        [unknown],
      )
      for (const row of rows) {
        this.#know({
          id: Number(row["id"]),
          origin: String(row["origin"]),
          priority: Number(row["priority"]),
          era: Number(row["era"]),
          queue: String(row["queue"]),
        })
      }
    }
    return ids.flatMap((id) => this.#byId.get(id) ?? [])
  }

  async issue(tickets: readonly Ticket[], tx: Queryable): Promise<void> {
    await this.#perLane(tickets, tx, async (queue, those, db) => {
      const jobs = those.map(({ id, version, wakeAt }) => ({ id, data: { version }, priority: urgency(wakeAt) }))
      await this.#boss.insert(queue, jobs, { db })
    })
  }

  /** Takes tickets out, wherever they are: waiting, taken or gone. Waits for who is taking them at this moment. */
  async withdraw(tickets: readonly Pick<Ticket, "id" | "lane">[], tx: Queryable): Promise<void> {
    await this.#perLane(tickets, tx, async (queue, those, db) => {
      const ids = those.map(({ id }) => id)
      await this.#boss.deleteJob(queue, ids, { db })
    })
  }

  /** Takes the tickets that are due first; those that others are taking at this moment are left to them. */
  async take(lane: Lane, at: number, most: number, tx: Queryable): Promise<Pick<Ticket, "id" | "version" | "lane">[]> {
    const jobs = await this.#boss.fetch<{ version: number }>(lane.queue, {
      batchSize: most,
      ignoreStartAfter: true,
      ...(lane.era === eraOf(at) ? { minPriority: urgency(at) } : {}),
      db: database(tx),
    })
    return jobs.map(({ id, data }) => ({ id, version: data.version, lane: lane.id }))
  }

  async #perLane<T extends Pick<Ticket, "id" | "lane">>(
    tickets: readonly T[],
    tx: Queryable,
    run: (queue: string, tickets: readonly T[], db: ReturnType<typeof database>) => Promise<void>,
  ): Promise<void> {
    if (tickets.length === 0) return
    const groups = Map.groupBy(tickets, ({ lane }) => lane)
    // In one order everywhere, so that two transactions never wait for each other's tickets.
    const ids = [...groups.keys()].toSorted((a, b) => a - b)
    const db = database(tx)
    for (const lane of await this.all(ids, tx)) {
      await run(lane.queue, groups.get(lane.id) ?? [], db)
    }
  }
}

function nameOf(origin: string, priority: number, era: number): string {
  return `${priority} ${era} ${origin}`
}

function database(tx: Queryable): { executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> } {
  return { executeSql: async (text, values) => executed(tx, text, values) }
}

async function executed(on: Queryable, text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
  // Of several statements in one text node-postgres gives several results; pg-boss then wants none.
  const { rows } = (await on.query(text, values)) as { rows?: Row[] }
  return { rows: rows ?? [] }
}
