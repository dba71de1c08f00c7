import { OutboxError } from "../errors.ts"
import type { Added, NewEntry } from "../store.ts"
import { CHUNK_BYTES, type RedisBodies } from "./bodies.ts"
import type { Connection } from "./connection.ts"
import { added, addingArguments, entryOf, type Fields } from "./fields.ts"
import type { Issuing, TicketFields } from "./issuing.ts"
import { Together } from "./together.ts"

/** A script blocks Redis while it runs, so it adds no more for several callers at a time. Weighed in small entries. */
const GROUP_WEIGHT = 200

/** For one caller it is all or none. */
const MOST_AT_ONCE = 10_000

interface Call {
  readonly entries: readonly NewEntry[]
  readonly bodyBytes: readonly (number | undefined)[]
}

/** Adds entries; those of several callers at the same time in one step. */
export class Adding {
  readonly #connection: Connection
  readonly #bodies: RedisBodies
  readonly #issuing: Issuing
  readonly #together = new Together<Call, readonly Added[]>(
    GROUP_WEIGHT,
    ({ entries }) => entries.reduce((sum, entry) => sum + weightOf(entry), 0),
    (calls) => this.#addAll(calls),
  )

  constructor(connection: Connection, bodies: RedisBodies, issuing: Issuing) {
    this.#connection = connection
    this.#bodies = bodies
    this.#issuing = issuing
  }

  async add(entries: readonly NewEntry[]): Promise<readonly Added[]> {
    if (entries.length > MOST_AT_ONCE)
      throw new OutboxError("store", `${entries.length} entries at once; add at most ${MOST_AT_ONCE} in one call`)
    return this.#together.do({ entries, bodyBytes: await this.#layReady(entries) })
  }

  /** Writes the bodies that are too large to go with their entries. Resolves to the lengths of all. */
  async #layReady(entries: readonly NewEntry[]): Promise<readonly (number | undefined)[]> {
    const large = entries.flatMap(({ id, body }) =>
      body === undefined || isSmall(body) ? [] : [{ place: `b:${id}`, body }],
    )
    const lengths = large.length === 0 ? [] : await this.#bodies.layReady(large)
    let next = 0
    return entries.map(({ body }) => {
      if (body === undefined) return undefined
      return isSmall(body) ? body.byteLength : lengths[next++]
    })
  }

  async #addAll(calls: readonly Call[]): Promise<readonly (readonly Added[])[]> {
    const args = calls.flatMap(({ entries, bodyBytes }) =>
      entries.map((entry, index) => addingArguments(entry, bodyBytes[index], smallBody(entry))),
    )
    const told = await this.#connection.run("outboxAdd", args.flat())
    const [ends, made] = told as [(Buffer | Fields)[], TicketFields[]]
    this.#issuing.issue(made)
    let next = 0
    return calls.map(({ entries, bodyBytes }) =>
      entries.map((entry, index): Added => {
        const end = ends[next++]
        return end === undefined || Buffer.isBuffer(end)
          ? { entry: added(entry, bodyBytes[index]), isNew: true }
          : { entry: entryOf(end), isNew: false }
      }),
    )
  }
}

const isSmall = (body: NewEntry["body"]): body is Uint8Array<ArrayBuffer> =>
  body instanceof Uint8Array && body.byteLength <= CHUNK_BYTES

const smallBody = ({ body }: NewEntry): Uint8Array => (isSmall(body) ? body : new Uint8Array())

const weightOf = (entry: NewEntry): number => 1 + (entry.content.byteLength + smallBody(entry).byteLength) / 10_000
