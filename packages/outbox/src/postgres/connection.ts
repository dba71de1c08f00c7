import { OutboxError } from "../errors.ts"

/** A stream that a caller gave broke: the caller is to be told so in the stream's own words. */
export class BrokenSource extends Error {}

/** What the store asks of a connection: node-postgres' `query`. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: Row[] }>
}

export type Row = Readonly<Record<string, unknown>>

/** A connection taken from a pool. */
export interface PooledClient extends Queryable {
  release(destroy?: boolean): void
  on(event: "error" | "end", listener: () => void): unknown
  on(event: "notification", listener: (message: { readonly payload?: string | undefined }) => void): unknown
  removeAllListeners(event: "notification"): unknown
  off(event: "error" | "end", listener: () => void): unknown
}

/** What the store asks of a pool: node-postgres' `Pool`. */
export interface PostgresPool extends Queryable {
  connect(): Promise<PooledClient>
  on(event: "error", listener: () => void): unknown
  on(event: "acquire", listener: (client: PooledClient) => void): unknown
  on(event: "release", listener: (error: unknown, client: PooledClient) => void): unknown
  off(event: "error", listener: () => void): unknown
  off(event: "acquire", listener: (client: PooledClient) => void): unknown
  off(event: "release", listener: (error: unknown, client: PooledClient) => void): unknown
  end(): Promise<void>
}

/** Deadlocks and conflicts of serializable transactions: running the whole again is the cure. */
const TRANSIENT = new Set(["40001", "40P01"])
const MOST_RUNS = 10
/** So long a transaction waits for each lock that another one has, a user's own among them. */
const LOCK_MS = 30_000

const nothing = (): void => {}

/**
 * A connection that dies between two statements says so by an event, which unheard ends the program: also in the moment in
 * which a pool hands it over, before whoever asked for it can listen.
 */
const hear = (client: PooledClient): void => void client.on("error", nothing)
const unhear = (_error: unknown, client: PooledClient): void => void client.off("error", nothing)

/** The database as the store uses it: statements, transactions, and errors that say whose they are. */
export class Connection {
  readonly name: string
  readonly pool: PostgresPool
  readonly #endsPool: boolean
  /** What every transaction sets for itself. */
  #settings = ""

  constructor(name: string, pool: PostgresPool, endsPool: boolean) {
    this.name = name
    this.pool = pool
    this.#endsPool = endsPool
    // A pool without a listener ends the program when the server goes away between two statements.
    pool.on("error", nothing)
    pool.on("acquire", hear)
    pool.on("release", unhear)
  }

  /** Makes every later transaction wait for the disk, whatever the server's default. */
  commitDurably(): void {
    this.#settings = "SET LOCAL synchronous_commit TO on"
  }

  async query(text: string, values?: unknown[]): Promise<Row[]> {
    return (await this.pool.query(text, values)).rows
  }

  /** Runs statements as one transaction, anew when others were in its way. */
  async transaction<T>(run: (tx: Queryable) => Promise<T>, lockMs = LOCK_MS): Promise<T> {
    for (let runs = 1; ; runs++) {
      try {
        return await this.transactionOnce(run, lockMs)
      } catch (error) {
        if (runs === MOST_RUNS || !TRANSIENT.has(sqlState(error) ?? "")) throw error
      }
    }
  }

  /** Runs statements as one transaction, once. */
  async transactionOnce<T>(run: (tx: Queryable) => Promise<T>, lockMs = LOCK_MS): Promise<T> {
    const client = await this.pool.connect()
    let broken = false
    try {
      await client.query(`BEGIN; SET LOCAL lock_timeout TO ${lockMs}; ${this.#settings}`)
      try {
        const result = await run(client)
        await client.query("COMMIT")
        return result
      } catch (error) {
        await client.query("ROLLBACK").catch(() => (broken = true))
        throw error
      }
    } catch (error) {
      broken ||= sqlState(error) === undefined
      throw error
    } finally {
      client.release(broken)
    }
  }

  /** What a caller is told of an error. */
  explain(error: unknown): unknown {
    if (error instanceof BrokenSource) return error.cause
    if (error instanceof OutboxError || error instanceof TypeError || error instanceof RangeError) return error
    if (sqlState(error) === "23505") {
      return new OutboxError("conflict", `${this.name}: another entry has this key or id`, { cause: error })
    }
    const message = error instanceof Error ? error.message.replaceAll(/\s+/g, " ").trim() : String(error)
    const said = message === "" && error instanceof AggregateError ? String(error.errors[0]) : message
    return new OutboxError("store", `${this.name} did not do it: ${said}`, { cause: error })
  }

  async end(): Promise<void> {
    // The last connections of an ended pool may fail still, while they close.
    if (this.#endsPool) await this.pool.end()
    else this.pool.off("error", nothing)
    this.pool.off("acquire", hear)
    this.pool.off("release", unhear)
  }
}

/** The five characters by which PostgreSQL names an error; undefined for those that are not the server's. */
export function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith("E") ? code : undefined
}
