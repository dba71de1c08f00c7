import type { StoreListener } from "../store.ts"
import type { Connection, PooledClient, Queryable } from "./connection.ts"

/** What other processes are told. */
interface News {
  readonly work: boolean
  readonly changed: readonly string[]
}

/** PostgreSQL takes notifications of less than 8,000 bytes; an id with its comma and quotes is 39. */
const MOST_IDS = 200
/** So often who listens is told to look by itself, and the connection is tried again, while there is none. */
const RETRY_MS = 1_000

const nothing = (): void => {}

/** Tells all processes what happens, by NOTIFY, and hears it, by LISTEN on a connection of its own. */
export class Telling {
  readonly #connection: Connection
  readonly #channel: string
  readonly #listeners = new Set<StoreListener>()
  #changed = new Set<string>()
  #work = false
  #telling: Promise<void> | undefined
  #client: PooledClient | undefined
  #retry: NodeJS.Timeout | undefined
  #isConnecting = false
  #isClosed = false

  constructor(connection: Connection, channel: string) {
    this.#connection = connection
    this.#channel = channel
  }

  listen(listener: StoreListener): () => void {
    // The same one may listen twice.
    const own = { ...listener }
    this.#listeners.add(own)
    void this.#connect()
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#disconnect()
    }
  }

  /** Tells it soon, together with what else is to be told: a notification is best effort, a transaction is not to wait. */
  tell(news: News): void {
    if (!news.work && news.changed.length === 0) return
    this.#work ||= news.work
    for (const id of news.changed) this.#changed.add(id)
    this.#telling ??= this.#flush()
  }

  /** Tells it when the transaction commits. */
  async tellWithin(tx: Queryable, news: News): Promise<void> {
    for (const payload of payloads(news)) await tx.query("SELECT pg_notify($1, $2)", [this.#channel, payload])
  }

  async #flush(): Promise<void> {
    while (this.#work || this.#changed.size > 0) {
      await new Promise((resolve) => setImmediate(resolve))
      const news = { work: this.#work, changed: [...this.#changed] }
      this.#work = false
      this.#changed = new Set()
      const sql = "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS p(payload)"
      await this.#connection.query(sql, [this.#channel, payloads(news)]).catch(nothing)
    }
    this.#telling = undefined
  }

  async #connect(): Promise<void> {
    if (this.#client !== undefined || this.#isConnecting || this.#isClosed) return
    this.#isConnecting = true
    try {
      const client = await this.#connection.pool.connect()
      client.on("end", this.#lost)
      client.on("notification", ({ payload }) => this.#hear(payload ?? ""))
      this.#client = client
      await client.query(`LISTEN "${this.#channel}"`)
      // What happened before was not heard.
      this.#toWork()
    } catch {
      this.#lost()
    } finally {
      this.#isConnecting = false
      if (this.#listeners.size === 0 || this.#isClosed) this.#disconnect()
    }
  }

  readonly #lost = (): void => {
    this.#release()
    if (this.#listeners.size === 0 || this.#isClosed) return
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      this.#toWork()
      void this.#connect()
    }, RETRY_MS)
  }

  #disconnect(): void {
    clearTimeout(this.#retry)
    this.#release()
  }

  #release(): void {
    const client = this.#client
    this.#client = undefined
    if (client === undefined) return
    client.off("end", this.#lost)
    client.removeAllListeners("notification")
    // A connection that listens is of no use to others.
    client.release(true)
  }

  #toWork(): void {
    for (const { work } of this.#listeners) work?.()
  }

  #hear(payload: string): void {
    const [work, ...changed] = payload.split(",")
    if (work === "work") this.#toWork()
    for (const id of changed) for (const listener of this.#listeners) listener.changed?.(id)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#listeners.clear()
    this.#disconnect()
    await this.#telling
  }
}

function payloads({ work, changed }: News): readonly string[] {
  const all: string[] = []
  for (let from = 0; from === 0 || from < changed.length; from += MOST_IDS) {
    all.push([work && from === 0 ? "work" : "", ...changed.slice(from, from + MOST_IDS)].join(","))
  }
  return all
}
