import { OutboxError } from "../errors.ts"
import type { StoredBody } from "../store.ts"
import type { Connection } from "./connection.ts"

/** A body is kept in pieces of at most so many bytes, so that no single command blocks Redis for long. */
export const CHUNK_BYTES = 256 * 1024

/** What lies ready for an entry that was never added is gone after so many seconds. */
const ORPHAN_SECONDS = 3600

/** Bodies of requests, as lists of chunks. */
export class RedisBodies {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Writes bodies under names, to vanish unless a script keeps them. Resolves to their lengths. */
  async layReady(
    all: readonly { readonly place: string; readonly body: StoredBody }[],
  ): Promise<readonly (number | undefined)[]> {
    const ends = await Promise.allSettled(all.map(({ place, body }) => this.#write(this.#connection.key(place), body)))
    const failed = ends.find((end) => end.status === "rejected")
    if (failed === undefined) return ends.map((end) => (end.status === "fulfilled" ? end.value : undefined))
    await this.#connection.redis.del(all.map(({ place }) => this.#connection.key(place))).catch(() => {})
    throw failed.reason
  }

  /** A body, whole when it is one chunk. */
  async read(id: string): Promise<StoredBody | undefined> {
    const { redis } = this.#connection
    const key = this.#connection.key(`b:${id}`)
    const known = await redis.hget(this.#connection.key(`e:${id}`), "bodyBytes")
    if (known === null) return undefined
    const length = Number(known)
    if (length > CHUNK_BYTES) return { [Symbol.asyncIterator]: () => this.#chunks(key, length) }
    return new Uint8Array((await redis.lindexBuffer(key, 0)) ?? Buffer.alloc(0))
  }

  async *#chunks(key: string, length: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let index = 0, left = length; left > 0; index++) {
      const chunk = await this.#connection.ask("read from", () => this.#connection.redis.lindexBuffer(key, index))
      if (chunk === null || chunk.length > left)
        throw new OutboxError("state", "the entry was changed or removed while its body was being read")
      left -= chunk.length
      yield new Uint8Array(chunk)
    }
  }

  async #write(key: string, body: StoredBody): Promise<number> {
    const { redis } = this.#connection
    let length = 0
    let chunks = 0
    let held: Buffer[] = []
    let heldBytes = 0
    const flush = async (): Promise<void> => {
      if (heldBytes === 0) return
      const [there] = await Promise.all([redis.rpush(key, Buffer.concat(held)), redis.expire(key, ORPHAN_SECONDS)])
      chunks++
      if (there !== chunks)
        throw new OutboxError("store", `${this.#connection.name} lost a part of a body that came slowly; add it again`)
      held = []
      heldBytes = 0
    }
    await redis.del(key)
    for await (const piece of body instanceof Uint8Array ? [body] : body) {
      length += piece.byteLength
      for (let from = 0; from < piece.byteLength;) {
        const part = piece.subarray(from, from + CHUNK_BYTES - heldBytes)
        held.push(Buffer.from(part))
        heldBytes += part.byteLength
        from += part.byteLength
        if (heldBytes === CHUNK_BYTES) await flush()
      }
    }
    await flush()
    return length
  }
}
