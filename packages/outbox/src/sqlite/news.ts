import type { Clock } from "steadfetch"
import type { StoreListener } from "../store.ts"
import type { Change } from "./change.ts"
import type { Connection } from "./connection.ts"

interface NewsRow {
  readonly n: number
  readonly work: number
  readonly ids: string
}

/** How often is looked whether another process has written, while somebody listens. It costs some microseconds. */
const POLL_MS = 100

const SINCE = "SELECT n, work, ids FROM news WHERE n > ? AND writer <> ? ORDER BY n"

/** Tells those who listen of what this store and others have written. */
export class News {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #writer: number
  readonly #listeners = new Set<StoreListener>()
  #stopPolling: (() => void) | undefined
  /** Changes when another connection has written: https://sqlite.org/pragma.html#pragma_data_version. */
  #dataVersion = 0
  #last = 0

  constructor(connection: Connection, clock: Clock, writer: number) {
    this.#connection = connection
    this.#clock = clock
    this.#writer = writer
  }

  listen(listener: StoreListener): () => void {
    const own = { ...listener }
    this.#listeners.add(own)
    if (this.#listeners.size === 1) this.#start()
    return () => {
      this.#listeners.delete(own)
      if (this.#listeners.size === 0) this.stop()
    }
  }

  /** Of a transaction of this store. */
  tell({ work, changed }: Change): void {
    for (const listener of this.#listeners) {
      if (work) listener.work?.()
      for (const id of changed) listener.changed?.(id)
    }
  }

  stop(): void {
    this.#listeners.clear()
    this.#stopPolling?.()
    this.#stopPolling = undefined
  }

  #start(): void {
    this.#dataVersion = this.#currentVersion()
    this.#last = this.#connection.get<{ n: number | null }>("SELECT max(n) AS n FROM news")?.n ?? 0
    this.#pollLater()
  }

  #pollLater(): void {
    this.#stopPolling = this.#clock.after(POLL_MS, () => {
      this.#pollLater()
      this.#poll()
    })
  }

  #poll(): void {
    const version = this.#currentVersion()
    if (version === this.#dataVersion) return
    this.#dataVersion = version
    const rows = this.#connection.all<NewsRow>(SINCE, this.#last, this.#writer)
    this.#last = rows.at(-1)?.n ?? this.#last
    const changed = rows.flatMap(({ ids }) => (ids === "" ? [] : ids.split(" ")))
    const work = rows.some((row) => row.work === 1)
    for (const listener of this.#listeners) {
      if (work) listener.work?.()
      for (const id of changed) listener.changed?.(id)
    }
  }

  #currentVersion(): number {
    return this.#connection.get<{ data_version: number }>("PRAGMA data_version")?.data_version ?? 0
  }
}
