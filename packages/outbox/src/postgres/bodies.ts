import { OutboxError } from "../errors.ts"
import type { StoredBody } from "../store.ts"
import { BrokenSource, type Connection, type Queryable } from "./connection.ts"
import { bufferOf, bytesOf } from "./entries.ts"

/** Of one row: what a program holds of a body while it writes or reads it. */
const PIECE_BYTES = 2 ** 20

/** Bodies, in rows of at most 1 MiB, so that one of any size passes through constant memory. */
export class Bodies {
  readonly #connection: Connection
  readonly table: string

  constructor(connection: Connection, schema: string) {
    this.#connection = connection
    this.table = `${schema}.outbox_body`
  }

  /** Resolves to how many bytes there were. */
  async write(id: string, body: StoredBody, tx: Queryable): Promise<number> {
    let bytes = 0
    let piece = 0
    for await (const part of pieces(body instanceof Uint8Array ? body : source(body))) {
      bytes += part.byteLength
      await tx.query(`INSERT INTO ${this.table} (id, piece, bytes) VALUES ($1, $2, $3)`, [id, piece++, bufferOf(part)])
    }
    return bytes
  }

  async remove(ids: readonly string[], tx: Queryable): Promise<void> {
    if (ids.length > 0) await tx.query(`DELETE FROM ${this.table} WHERE id = ANY($1)`, [ids])
  }

  /** Bytes when they are one piece, else a stream. */
  async read(id: string, bytes: number): Promise<StoredBody> {
    if (bytes === 0) return new Uint8Array()
    return bytes <= PIECE_BYTES ? this.#piece(id, 0) : this.#stream(id, bytes)
  }

  #stream(id: string, bytes: number): AsyncIterable<Uint8Array<ArrayBuffer>> {
    const read = (piece: number): Promise<Uint8Array<ArrayBuffer>> => this.#piece(id, piece)
    return {
      async *[Symbol.asyncIterator]() {
        for (let piece = 0, left = bytes; left > 0; piece++) {
          const part = await read(piece)
          left -= part.byteLength
          yield part
        }
      },
    }
  }

  async #piece(id: string, piece: number): Promise<Uint8Array<ArrayBuffer>> {
    try {
      const sql = `SELECT bytes FROM ${this.table} WHERE id = $1 AND piece = $2`
      const [row] = await this.#connection.query(sql, [id, piece])
      if (row !== undefined) return bytesOf(row["bytes"])
    } catch (error) {
      throw this.#connection.explain(error)
    }
    throw new OutboxError("state", `${this.#connection.name}: the body was changed or removed while it was read`)
  }
}

/** Whether a body fits in one row. */
export function isSmall(body: StoredBody): body is Uint8Array<ArrayBuffer> {
  return body instanceof Uint8Array && body.byteLength <= PIECE_BYTES
}

async function* source(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    throw new BrokenSource("the body's stream broke", { cause: error })
  }
}

/** Cuts or joins what a body comes in, whatever the sizes of its chunks. */
async function* pieces(body: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) {
    for (let at = 0; at < body.byteLength; at += PIECE_BYTES) yield body.subarray(at, at + PIECE_BYTES)
    return
  }
  const piece = new Uint8Array(PIECE_BYTES)
  let filled = 0
  for await (const chunk of body) {
    for (let at = 0; at < chunk.byteLength;) {
      const part = chunk.subarray(at, at + PIECE_BYTES - filled)
      piece.set(part, filled)
      filled += part.byteLength
      at += part.byteLength
      if (filled < PIECE_BYTES) continue
      yield piece
      filled = 0
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}
