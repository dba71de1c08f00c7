import type { EntryState } from "../entry.ts"
import type {
  Added,
  Alteration,
  ClaimRequest,
  Claims,
  Conclusion,
  Lease,
  ListQuery,
  NewEntry,
  OriginCounts,
  Store,
  StoredBody,
  StoredEntry,
  StoreListener,
} from "../store.ts"
import { Adding, type Incoming } from "./adding.ts"
import { Altering } from "./altering.ts"
import { Batch } from "./batch.ts"
import { Bodies, isSmall } from "./bodies.ts"
import { Claiming } from "./claiming.ts"
import { Concluding, type Ended, type Ending } from "./concluding.ts"
import { type Connection, sqlState } from "./connection.ts"
import { Lanes } from "./lanes.ts"
import { checkSchema, connect, type PostgresOptions } from "./options.ts"
import { Order } from "./order.ts"
import { Reading } from "./reading.ts"
import { Removing } from "./removing.ts"
import { beSafe } from "./safety.ts"
import { migrate } from "./schema.ts"
import { Telling } from "./telling.ts"
import { withinUsers } from "./users-transaction.ts"

/** Of what is asked for in the same turn, so much is one transaction; an entry is taken for this more than its bytes. */
const MOST_BYTES = 4 * 2 ** 20
const ROW_BYTES = 8_192

/** What many wait for together is not to wait longer for a lock. */
const HURRY_MS = 200
const LOCK_TIMEOUT = "55P03"

/**
 * A store on PostgreSQL 15 or later: for any number of processes on any number of machines. What a promise of it resolves
 * to is committed to the server's disk. pg-boss hands the entries out; all tables are in one schema.
 * @throws TypeError or RangeError for options that cannot be meant
 */
export function postgres(options: PostgresOptions): Store {
  const schema = checkSchema(options.schema === undefined ? "steadfetch_outbox" : options.schema)
  return new PostgresStore(connect(options), schema)
}

class PostgresStore implements Store {
  readonly #connection: Connection
  readonly #schema: string
  readonly #lanes: Lanes
  readonly #adding: Adding
  readonly #claiming: Claiming
  readonly #concluding: Concluding
  readonly #altering: Altering
  readonly #reading: Reading
  readonly #removing: Removing
  readonly #telling: Telling
  readonly #adds: Batch<readonly NewEntry[], readonly Added[] | undefined>
  readonly #patientAdds: Batch<readonly NewEntry[], readonly Added[]>
  readonly #endings: Batch<Ending, Ended | undefined>
  readonly #patientEndings: Batch<Ending, Ended | undefined>

  constructor(connection: Connection, name: string) {
    // Quoted, so that a name may be a word of SQL.
    const schema = `"${name}"`
    this.#connection = connection
    this.#schema = schema
    this.#lanes = new Lanes(connection, schema)
    const bodies = new Bodies(connection, schema)
    const order = new Order(schema, this.#lanes)
    this.#adding = new Adding(schema, bodies, this.#lanes, order)
    this.#claiming = new Claiming(connection, schema, this.#lanes)
    this.#concluding = new Concluding(connection, schema, this.#lanes, order)
    this.#altering = new Altering(connection, schema, bodies, this.#lanes, order)
    this.#reading = new Reading(connection, schema, bodies)
    this.#removing = new Removing(connection, schema, bodies, this.#lanes, order)
    this.#telling = new Telling(connection, name)
    this.#adds = new Batch(MOST_BYTES, weightOf, isOfOne, (all) => this.#addFree(all))
    this.#endings = new Batch(MOST_BYTES, weightOfEnding, isOfOne, (all) => this.#concluding.conclude(all, false))
    // One by one, so that those who wait for others' ordering keys hold up nobody else and take one connection each.
    this.#patientAdds = new Batch(0, weightOf, isOfOne, async ([one = []]) => [await this.#addOne(one)])
    this.#patientEndings = new Batch(0, weightOfEnding, isOfOne, (all) => this.#concluding.conclude(all, true))
  }

  get name(): string {
    return this.#connection.name
  }

  async open(): Promise<void> {
    await this.#told(async () => {
      await beSafe(this.#connection)
      await migrate(this.#connection, this.#schema)
      await this.#lanes.open()
    })
  }

  async add(entries: readonly NewEntry[], transaction?: unknown): Promise<readonly Added[]> {
    if (entries.length === 0) return []
    return this.#told(async () => {
      if (transaction !== undefined) return this.#addWithin(entries, transaction)
      const isStream = entries.some(({ body }) => body !== undefined && !isSmall(body))
      const added = isStream
        ? await this.#addOnce(entries)
        : ((await this.#adds.do(entries)) ?? (await this.#patientAdds.do(entries)))
      if (added.some(({ isNew }) => isNew)) this.#telling.tell({ work: true, changed: [] })
      return added
    })
  }

  async #addFree(all: readonly (readonly NewEntry[])[]): Promise<readonly (readonly Added[] | undefined)[]> {
    const incoming: (readonly Incoming[])[] = []
    for (const entries of all) incoming.push(await this.#adding.prepare(entries))
    try {
      return await this.#connection.transaction((tx) => this.#adding.addFree(incoming, tx), HURRY_MS)
    } catch (error) {
      // A user's transaction that has not ended has the same key: who waits for it is to wait alone.
      if (sqlState(error) === LOCK_TIMEOUT && all.length === 1) return [undefined]
      throw error
    }
  }

  async #addOne(entries: readonly NewEntry[]): Promise<readonly Added[]> {
    const incoming = await this.#adding.prepare(entries)
    return this.#connection.transaction((tx) => this.#adding.add(incoming, tx))
  }

  /** A stream is read once: when its transaction fails there is no second run. */
  async #addOnce(entries: readonly NewEntry[]): Promise<readonly Added[]> {
    const incoming = await this.#adding.prepare(entries)
    return this.#connection.transactionOnce((tx) => this.#adding.add(incoming, tx))
  }

  async #addWithin(entries: readonly NewEntry[], transaction: unknown): Promise<readonly Added[]> {
    return withinUsers(transaction, async (tx) => {
      const added = await this.#adding.add(await this.#adding.prepare(entries), tx)
      await this.#telling.tellWithin(tx, { work: true, changed: [] })
      return added
    })
  }

  async claim(request: ClaimRequest): Promise<Claims> {
    return this.#told(async () => {
      const claims = await this.#claiming.claim(request)
      this.#telling.tell({ work: false, changed: claims.claimed.map(({ entry }) => entry.id) })
      return claims
    })
  }

  async renew(leases: readonly Lease[], until: number): Promise<readonly Lease[]> {
    return leases.length === 0 ? [] : this.#told(() => this.#concluding.renew(leases, until))
  }

  async conclude(lease: Lease, conclusion: Conclusion): Promise<boolean> {
    return this.#told(async () => {
      const ending = { lease, conclusion }
      const ended = (await this.#endings.do(ending)) ?? (await this.#patientEndings.do(ending))
      const { isHeld = false, isWork = false } = ended ?? {}
      if (isHeld) this.#telling.tell({ work: isWork, changed: [lease.id] })
      return isHeld
    })
  }

  async alter(id: string, version: number, alteration: Alteration): Promise<boolean> {
    return this.#told(async () => {
      const isDone = await this.#altering.alter(id, version, alteration)
      if (isDone) this.#telling.tell({ work: true, changed: [id] })
      return isDone
    })
  }

  async read(id: string): Promise<StoredEntry | undefined> {
    return this.#told(() => this.#reading.entry(id))
  }

  async find(key: string): Promise<StoredEntry | undefined> {
    return this.#told(() => this.#reading.find(key))
  }

  async body(id: string): Promise<StoredBody | undefined> {
    return this.#told(() => this.#reading.body(id))
  }

  async list(query: ListQuery): Promise<readonly StoredEntry[]> {
    return this.#told(() => this.#reading.list(query))
  }

  async counts(): Promise<readonly OriginCounts[]> {
    return this.#told(() => this.#reading.counts())
  }

  async remove(states: readonly EntryState[], changedBefore: number, most: number): Promise<number> {
    return this.#told(() => this.#removing.remove(states, changedBefore, most))
  }

  listen(listener: StoreListener): () => void {
    return this.#telling.listen(listener)
  }

  async close(): Promise<void> {
    await this.#telling.close()
    await this.#lanes.close()
    await this.#connection.end()
  }

  async #told<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      throw this.#connection.explain(error)
    }
  }
}

function weightOf(entries: readonly NewEntry[]): number {
  return entries.reduce((sum, { content, body }) => {
    return sum + ROW_BYTES + content.byteLength + (body instanceof Uint8Array ? body.byteLength : 0)
  }, 0)
}

function weightOfEnding({ conclusion }: Ending): number {
  return ROW_BYTES + (conclusion.result?.byteLength ?? 0)
}

/** Data that cannot be stored, contradicts what is, or is in others' hands: of one entry, and no reason to refuse others. */
function isOfOne(error: unknown): boolean {
  return new RegExp(`^2[23]|^${LOCK_TIMEOUT}$`).test(sqlState(error) ?? "")
}
