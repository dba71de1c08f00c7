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
import { backUp } from "./backing-up.ts"
import { BodyFiles, inline, type KeptBody } from "./body-files.ts"
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
import { alterEntry, concludeEntry, renewLease } from "./settling.ts"
import { numberOf } from "./states.ts"
import { Transactions } from "./transactions.ts"
import { problemsOf, sweep } from "./upkeep.ts"

/** What is there while the store is open. */
interface Opened {
  readonly connection: Connection
  readonly origins: Origins
  readonly transactions: Transactions
  readonly news: News
}

/** A store in a SQLite file; made by {@link sqlite}. */
export interface SqliteStore extends Store {
  readonly path: string
  /**
   * Looks through the whole file and the bodies beside it. The program stands still meanwhile: some seconds per gigabyte.
   * @returns What is wrong, a sentence each; nothing when all is well.
   */
  check(): Promise<readonly string[]>
  /**
   * Gives space back to the disk that removed entries had, in small steps between which others go on.
   * @returns How many bytes the file has become smaller.
   */
  compact(): Promise<number>
  /**
   * Copies the outbox as it is now to a new file, and its large bodies to the folder beside that, while it is used.
   * @param path Of the copy, which must not be there yet.
   */
  backup(path: string): Promise<void>
}

const SWEEP_EVERY_MS = 3_600_000
const PAGES_PER_STEP = 1000

const numberIn = (connection: Connection, sql: string): number =>
  Number(Object.values(connection.get<Record<string, unknown>>(sql) ?? {})[0])

const BODY = "SELECT body_bytes, bytes, file FROM entries LEFT JOIN bodies ON entry = seq WHERE id = ?"

export class SqliteFile implements SqliteStore {
  readonly name: string
  readonly path: string
  readonly #options: OpeningOptions
  readonly #files: BodyFiles
  #opening: Promise<void> | undefined
  #opened: Opened | undefined
  #sweepAt = 0
  /** What is under way besides transactions: closing waits for it. */
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(path: string, options: OpeningOptions) {
    this.path = path
    this.name = `SQLite ${basename(path)}`
    this.#options = options
    this.#files = new BodyFiles(path)
  }

  open(): Promise<void> {
    this.#opening ??= this.#openOnce().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #openOnce(): Promise<void> {
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
    await this.#sweep()
  }

  async add(entries: readonly NewEntry[], transaction?: unknown): Promise<readonly Added[]> {
    if (transaction !== undefined)
      throw new OutboxError("store", `${this.name} cannot take part in a transaction of yours; add without one`)
    if (entries.length === 0) return []
    const { transactions } = this.#open()
    const ready = entries.map(readyAtOnce)
    if (ready.every((one) => one !== undefined)) return transactions.run((change) => addEntries(change, ready))
    return this.#track(this.#addLarge(entries, transactions))
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
    const { body } = alteration
    const atOnce = body == null ? body : inline(body)
    if (body == null || atOnce !== undefined)
      return transactions.run((change) => alterEntry(change, id, version, alteration, atOnce))
    return this.#track(
      this.#keeping([body], ([kept]) =>
        transactions.run((change) => alterEntry(change, id, version, alteration, kept)),
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

  async remove(states: readonly EntryState[], changedBefore: number, most: number): Promise<number> {
    const removed = await this.#write((change) => removeEntries(change, states.map(numberOf), changedBefore, most))
    if (this.#options.clock.now() >= this.#sweepAt) await this.#track(this.#sweep())
    return removed
  }

  listen(listener: StoreListener): () => void {
    return this.#open().news.listen(listener)
  }

  async check(): Promise<readonly string[]> {
    const { connection } = this.#open()
    return this.#track(problemsOf(connection, this.#files).catch((error: unknown) => Promise.reject(explained(error, this.path)))) // prettier-ignore
  }

  async compact(): Promise<number> {
    const pages = (): number => this.#read(({ connection }) => numberIn(connection, "PRAGMA page_count"))
    const before = pages()
    for (let free = Number.POSITIVE_INFINITY; ;) {
      const left = await this.#write(({ connection }) => {
        connection.database.exec(`PRAGMA incremental_vacuum(${PAGES_PER_STEP})`)
        return numberIn(connection, "PRAGMA freelist_count")
      })
      if (left === 0 || left >= free) break
      free = left
    }
    return this.#read(({ connection }) => {
      connection.database.exec("PRAGMA wal_checkpoint(TRUNCATE)")
      return (before - pages()) * numberIn(connection, "PRAGMA page_size")
    })
  }

  async backup(path: string): Promise<void> {
    this.#open()
    await this.#track(backUp(this.path, path))
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => {})
    const opened = this.#opened
    this.#opened = undefined
    this.#opening = undefined
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
    await opened?.transactions.idle()
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
    opened?.news.stop()
    opened?.connection.close()
  }

  /** Files that nobody needs hurt nobody: what hinders removing them hinders nothing else. */
  async #sweep(): Promise<void> {
    const opened = this.#opened
    if (opened === undefined) return
    const { clock } = this.#options
    this.#sweepAt = clock.now() + SWEEP_EVERY_MS
    await sweep(opened.connection, this.#files, clock.date()).catch(() => {})
  }

  #open(): Opened {
    if (this.#opened === undefined) throw new OutboxError("store", `${this.name} is not open`)
    return this.#opened
  }

  async #write<T>(work: (change: Change) => T): Promise<T> {
    return this.#open().transactions.run(work)
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

  #addLarge(entries: readonly NewEntry[], transactions: Transactions): Promise<readonly Added[]> {
    return this.#keeping(
      entries.map(({ body }) => body),
      (kept) => {
        const ready = entries.map((entry, index) => ({ entry, body: kept[index] }))
        return transactions.run((change) => addEntries(change, ready))
      },
    )
  }

  /** Keeps bodies for some work. Files that were written for work that failed are removed again. */
  async #keeping<T>(
    bodies: readonly (StoredBody | undefined)[],
    work: (kept: readonly (KeptBody | undefined)[]) => Promise<T>,
  ): Promise<T> {
    const kept: (KeptBody | undefined)[] = []
    try {
      for (const body of bodies) kept.push(body && (await this.#files.keep(body)))
      return await work(kept)
    } catch (error) {
      await this.#files.remove(kept.flatMap((body) => body?.file ?? [])).catch(() => {})
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

/** An entry that can be written now; undefined when its body is large or must be read first. */
function readyAtOnce(entry: NewEntry): ReadyEntry | undefined {
  if (entry.body === undefined) return { entry, body: undefined }
  const body = inline(entry.body)
  return body && { entry, body }
}
