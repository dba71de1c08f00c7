import { basename } from "node:path"
import { OutboxError } from "../errors.ts"
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
import { addEntries, BY_KEY, type ReadyEntry } from "./adding.ts"
import { BodyFiles } from "./body-files.ts"
import type { Change } from "./change.ts"
import { claimEntries } from "./claiming.ts"
import type { Connection } from "./connection.ts"
import { explained } from "./failures.ts"
import { listEntries, readCounts } from "./listing.ts"
import { News } from "./news.ts"
import { openDatabase, type OpeningOptions } from "./opening.ts"
import { Origins } from "./origins.ts"
import { removeEntries } from "./removing.ts"
import { ENTRY, entryOf, type EntryRow } from "./rows.ts"
import { alterEntry, concludeEntry, renewLease, type BodyChange } from "./settling.ts"
import { numberOf } from "./states.ts"
import { Transactions } from "./transactions.ts"

/** What is there while the store is open. */
interface Opened {
  readonly connection: Connection
  readonly origins: Origins
  readonly transactions: Transactions
  readonly news: News
}

const BODY = "SELECT body_bytes, bytes, file FROM entries LEFT JOIN bodies ON entry = seq WHERE id = ?"

/** A store in a SQLite file; made by {@link sqlite}. */
export class SqliteStore implements Store {
  readonly name: string
  readonly path: string
  readonly #options: OpeningOptions
  readonly #files: BodyFiles
  #opened: Opened | undefined
  /** What is under way: closing waits for it. */
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(path: string, options: OpeningOptions) {
    this.path = path
    this.name = `SQLite ${basename(path)}`
    this.#options = options
    this.#files = new BodyFiles(path)
  }

  async open(): Promise<void> {
    if (this.#opened !== undefined) return
    const { clock, random } = this.#options
    const connection = await openDatabase(this.path, this.#options)
    const origins = new Origins(connection)
    const writer = Math.floor(random() * 2 ** 48)
    const news = new News(connection, clock, writer)
    const committed = (change: Change): void => {
      news.tell(change)
      if (change.useless.length > 0) void this.#track(this.#files.remove(change.useless).catch(() => {}))
    }
    const transactions = new Transactions(connection, origins, { file: this.path, clock, random, writer, committed })
    this.#opened = { connection, origins, transactions, news }
  }

  async add(entries: readonly NewEntry[], transaction?: unknown): Promise<readonly Added[]> {
    if (transaction !== undefined)
      throw new OutboxError("store", `${this.name} cannot take part in a transaction of yours; add without one`)
    if (entries.length === 0) return []
    const { transactions } = this.#open()
    const ready: ReadyEntry[] = []
    return this.#track(
      this.#keeping(
        () => ready.map(({ body }) => body),
        async () => {
          for (const entry of entries) ready.push({ entry, body: entry.body && (await this.#files.keep(entry.body)) })
          return transactions.run((change) => addEntries(change, ready))
        },
      ),
    )
  }

  claim(request: ClaimRequest): Promise<Claims> {
    return this.#write((change) => claimEntries(change, request))
  }

  renew(leases: readonly Lease[], until: number): Promise<readonly Lease[]> {
    return this.#write((change) => leases.filter((lease) => !renewLease(change, lease, until)))
  }

  conclude(lease: Lease, conclusion: Conclusion): Promise<boolean> {
    return this.#write((change) => concludeEntry(change, lease, conclusion))
  }

  async alter(id: string, version: number, alteration: Alteration): Promise<boolean> {
    const { transactions } = this.#open()
    let body: BodyChange
    return this.#track(
      this.#keeping(
        () => [body],
        async () => {
          body = alteration.body == null ? alteration.body : await this.#files.keep(alteration.body)
          return transactions.run((change) => {
            const isAltered = alterEntry(change, id, version, alteration, body)
            if (!isAltered && body?.file != null) change.useless.push(body.file)
            return isAltered
          })
        },
      ),
    )
  }

  async read(id: string): Promise<StoredEntry | undefined> {
    return this.#readOne(`SELECT ${ENTRY} FROM entries WHERE id = ?`, id)
  }

  async find(key: string): Promise<StoredEntry | undefined> {
    return this.#readOne(BY_KEY, key)
  }

  async body(id: string): Promise<StoredBody | undefined> {
    interface Row {
      readonly body_bytes: number | null
      readonly bytes: Uint8Array<ArrayBuffer> | null
      readonly file: string | null
    }
    const row = this.#read(({ connection }) => connection.get<Row>(BODY, id))
    if (row?.body_bytes == null) return undefined
    return row.file === null ? (row.bytes ?? new Uint8Array(0)) : this.#files.stream(row.file, row.body_bytes)
  }

  async list(query: ListQuery): Promise<readonly StoredEntry[]> {
    return this.#read(({ connection, origins }) => listEntries(connection, origins, query))
  }

  async counts(): Promise<readonly OriginCounts[]> {
    return this.#read(({ connection, origins }) => readCounts(connection, origins))
  }

  remove(states: readonly EntryState[], changedBefore: number, most: number): Promise<number> {
    return this.#write((change) => removeEntries(change, states.map(numberOf), changedBefore, most))
  }

  listen(listener: StoreListener): () => void {
    return this.#open().news.listen(listener)
  }

  async close(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
    const opened = this.#opened
    this.#opened = undefined
    opened?.news.stop()
    opened?.connection.close()
  }

  #open(): Opened {
    if (this.#opened === undefined) throw new OutboxError("store", `${this.name} is not open`)
    return this.#opened
  }

  async #write<T>(work: (change: Change) => T): Promise<T> {
    return this.#track(this.#open().transactions.run(work))
  }

  #read<T>(work: (opened: Opened) => T): T {
    const opened = this.#open()
    try {
      return work(opened)
    } catch (error) {
      throw explained(error, this.path)
    }
  }

  #readOne(sql: string, value: string): StoredEntry | undefined {
    return this.#read(({ connection, origins }) => {
      const row = connection.get<EntryRow>(sql, value)
      return row === undefined ? undefined : entryOf(row, origins)
    })
  }

  /** Files that were written for something that failed are removed again. */
  async #keeping<T>(kept: () => readonly BodyChange[], work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const files = kept().flatMap((body) => (body?.file == null ? [] : [body.file]))
      await this.#files.remove(files).catch(() => {})
      throw error
    }
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(
      () => {},
      () => {},
    )
    this.#underWay.add(settled)
    void settled.then(() => this.#underWay.delete(settled))
    return work
  }
}
