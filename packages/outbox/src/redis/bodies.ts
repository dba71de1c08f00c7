import type { Redis } from "ioredis"
import type { StoredBody } from "../store.ts"

/** A body is kept in pieces of at most so many bytes, so that no single command blocks Redis for long. */
const CHUNK_BYTES = 256 * 1024

/** What lies ready for an entry that was never added is gone after so many seconds. */
const ORPHAN_SECONDS = 3600

/** Bodies of requests, as lists of chunks. */
export class RedisBodies {
  readonly #redis: Redis
  readonly #prefix: string

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
  }

  /**
   * Writes the bodies of entries under their ids, to vanish unless a script keeps them.
   * @returns Their lengths; undefined for those without one.
   */
  async layReady(
    entries: readonly { readonly id: string; readonly body: StoredBody | undefined }[],
    place: "b:" | "n:",
  ): Promise<readonly (number | undefined)[]> {
    const ends = await Promise.allSettled(
      entries.map(({ id, body }) => body && this.#write(`${this.#prefix}${place}${id}`, body)),
    )
    const failed = ends.find((end) => end.status === "rejected")
    if (failed === undefined) return ends.map((end) => (end.status === "fulfilled" ? end.value : undefined))
    const keys = entries.filter(({ body }) => body !== undefined).map(({ id }) => `${this.#prefix}${place}${id}`)
    await this.#redis.del(...keys).catch(() => {})
    throw failed.reason
  }

  /** A body, whole when it is one chunk. */
  async read(id: string): Promise<StoredBody | undefined> {
    const key = `${this.#prefix}b:${id}`
    const [known] = await this.#redis.hmget(`${this.#prefix}e:${id}`, "bodyBytes")
    if (known === null || known === undefined) return undefined
    if (Number(known) > CHUNK_BYTES) return { [Symbol.asyncIterator]: () => this.#chunks(key) }
    return new Uint8Array((await this.#redis.lindexBuffer(key, 0)) ?? Buffer.alloc(0))
  }

  async *#chunks(key: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let index = 0; ; index++) {
      const chunk = await this.#redis.lindexBuffer(key, index)
      if (chunk === null) return
      yield new Uint8Array(chunk)
    }
  }

  async #write(key: string, body: StoredBody): Promise<number> {
    let length = 0
    let held: Buffer[] = []
    let heldBytes = 0
    const flush = async (): Promise<void> => {
      if (heldBytes === 0) return
      await this.#redis.rpush(key, Buffer.concat(held))
      await this.#redis.expire(key, ORPHAN_SECONDS)
      held = []
      heldBytes = 0
    }
    await this.#redis.del(key)
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
