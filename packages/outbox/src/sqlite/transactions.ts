import type { Clock } from "steadfetch"
import { OutboxError } from "../errors.ts"
import { Change } from "./change.ts"
import type { Connection } from "./connection.ts"
import { explained, isBusy } from "./failures.ts"
import type { Origins } from "./origins.ts"

/** One of the things to do in a transaction. */
interface Task {
  /** May be done again after it was taken back. */
  readonly work: (change: Change) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

export interface TransactionsOptions {
  readonly file: string
  readonly clock: Clock
  readonly random: () => number
  /** Of this connection, in the news. */
  readonly writer: number
  /** Told once a transaction is durable. */
  readonly committed: (change: Change) => void
}

/** So many tasks share a transaction at most, so that the event loop is not held up for long. */
const MOST_TASKS = 256
/** How long is waited for another process that writes. */
const PATIENCE_MS = 30_000
const LONGEST_RETRY_MS = 20

/** Group commit: what is asked for in one turn of the event loop becomes durable in one transaction. */
export class Transactions {
  readonly #connection: Connection
  readonly #origins: Origins
  readonly #options: TransactionsOptions
  #tasks: Task[] = []
  #isScheduled = false
  #busySince: number | undefined

  constructor(connection: Connection, origins: Origins, options: TransactionsOptions) {
    this.#connection = connection
    this.#origins = origins
    this.#options = options
  }

  /** Does this in a transaction with what else is asked for now. Resolves once it is durable. */
  run<T>(work: (change: Change) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#tasks.push({ work, resolve: resolve as (value: unknown) => void, reject })
      if (!this.#isScheduled) this.#schedule()
    })
  }

  /** Resolves once nothing is to be done any more. */
  async idle(): Promise<void> {
    while (this.#isScheduled) await this.run(() => {}).catch(() => {})
  }

  #schedule(): void {
    this.#isScheduled = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#isScheduled = false
    const tasks = this.#tasks.splice(0, MOST_TASKS)
    try {
      this.#transact(tasks)
      this.#busySince = undefined
    } catch (error) {
      if (isBusy(error)) return this.#waitFor(tasks, error)
      this.#busySince = undefined
      // One of them failed. Each has a transaction of its own now, so that it fails alone.
      if (tasks.length > 1) for (const task of tasks) this.#alone(task)
      else for (const { reject } of tasks) reject(explained(error, this.#options.file))
    }
    if (this.#tasks.length > 0 && !this.#isScheduled) this.#schedule()
  }

  #alone(task: Task): void {
    try {
      this.#transact([task])
    } catch (error) {
      if (isBusy(error)) this.#tasks.push(task)
      else task.reject(explained(error, this.#options.file))
    }
  }

  /** All of them or none. */
  #transact(tasks: readonly Task[]): void {
    const { database } = this.#connection
    const change = new Change(this.#connection, this.#origins)
    database.exec("BEGIN IMMEDIATE")
    let values: unknown[]
    try {
      values = tasks.map(({ work }) => work(change))
      change.finish(this.#options.writer)
      database.exec("COMMIT")
    } catch (error) {
      // A full disk makes SQLite take it back by itself.
      if (database.isTransaction) database.exec("ROLLBACK")
      this.#origins.forget()
      throw error
    }
    tasks.forEach(({ resolve }, index) => resolve(values[index]))
    try {
      this.#options.committed(change)
    } catch (error) {
      // A defect of who listens: what is committed must not be done again for it.
      queueMicrotask(() => {
        throw error
      })
    }
  }

  /** Tries again when the other process may be done; those who wait for the same lock do not meet again and again. */
  #waitFor(tasks: readonly Task[], error: unknown): void {
    const { clock, random, file } = this.#options
    this.#busySince ??= clock.now()
    if (clock.now() - this.#busySince >= PATIENCE_MS) {
      this.#busySince = undefined
      const message = `outbox ${file}: another process has been writing to it for ${PATIENCE_MS / 1000} s; find out which one holds it locked, such as an open sqlite3 shell`
      for (const { reject } of tasks) reject(new OutboxError("store", message, { cause: error }))
      if (this.#tasks.length > 0) this.#schedule()
      return
    }
    this.#tasks.unshift(...tasks)
    this.#isScheduled = true
    clock.after(1 + random() * (LONGEST_RETRY_MS - 1), () => this.#flush())
  }
}
