import { randomUUID } from "node:crypto"
import type { Redis } from "ioredis"
import type { StoreListener } from "../store.ts"
import type { Connection } from "./connection.ts"

/** Tells of work and changes, through a connection of its own while somebody listens. */
export class News {
  readonly #connection: Connection
  readonly #listeners = new Set<StoreListener>()
  readonly #self = randomUUID()
  #subscriber: Redis | undefined

  constructor(connection: Connection) {
    this.#connection = connection
  }

  listen(listener: StoreListener): () => void {
    this.#listeners.add(listener)
    this.#subscriber ??= this.#subscribe()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.close()
    }
  }

  /** Tells here and in other processes that something may be due. */
  tellOfWork(): void {
    this.#tellHere()
    this.#connection.redis.publish(this.#connection.key("work"), this.#self).catch(() => {})
  }

  close(): void {
    this.#listeners.clear()
    this.#subscriber?.disconnect()
    this.#subscriber = undefined
  }

  #tellHere(): void {
    for (const listener of this.#listeners) listener.work?.()
  }

  #subscribe(): Redis {
    const work = this.#connection.key("work")
    const subscriber = this.#connection.redis.duplicate({ lazyConnect: false, autoResubscribe: false })
    subscriber.on("error", () => {})
    subscriber.on("message", (channel, what) => {
      if (channel !== work) for (const listener of this.#listeners) listener.changed?.(what)
      else if (what !== this.#self) this.#tellHere()
    })
    // Nobody told of what came before, or while the connection was lost.
    subscriber.on("ready", () => {
      subscriber.subscribe(work, this.#connection.key("changed")).then(
        () => this.#tellHere(),
        () => {
          if (this.#subscriber === subscriber) subscriber.disconnect(true)
        },
      )
    })
    return subscriber
  }
}
