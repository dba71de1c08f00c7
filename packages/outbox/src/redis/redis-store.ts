import { randomUUID } from "node:crypto"
import type { Redis } from "ioredis"
import type { EntryState } from "../entry.ts"
import { OutboxError } from "../errors.ts"
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
import { Adding } from "./adding.ts"
import { RedisBodies } from "./bodies.ts"
import { Claiming } from "./claiming.ts"
import { Connection } from "./connection.ts"
import { countsOf } from "./counts.ts"
import { bufferOf, entryOf, type Fields } from "./fields.ts"
import { Issuing, type TicketFields } from "./issuing.ts"
import { list } from "./listing.ts"
import { News } from "./news.ts"
import { refuseUnsafe } from "./safety.ts"
import { Tickets } from "./tickets.ts"
import { Together } from "./together.ts"

/** Of the keys in Redis; a store of a higher one is not touched. */
const SCHEMA = 1

/** Entries removed, or concluded, in one step. */
const REMOVED_AT_ONCE = 200
const CONCLUDED_AT_ONCE = 100

interface End {
  readonly lease: Lease
  readonly conclusion: Conclusion
}

/** When something is taken to be lost. */
export interface Patience {
  /** A ticket that is not in its queue so long after its entry fell due. */
  readonly ticketMs: number
  /** A ticket that somebody took so long ago and has not used up. */
  readonly stalledMs: number
}

export class RedisStore implements Store {
  readonly name: string
  readonly #connection: Connection
  readonly #tickets: Tickets
  readonly #news: News
  readonly #issuing: Issuing
  readonly #bodies: RedisBodies
  readonly #adding: Adding
  readonly #claiming: Claiming
  readonly #concluding = new Together<End, boolean>(
    CONCLUDED_AT_ONCE,
    () => 1,
    (ends) => this.#concludeAll(ends),
  )

  /** @param redis A connection of its own, not yet open. */
  constructor(redis: Redis, name: string, prefix: string, { ticketMs, stalledMs }: Patience) {
    this.name = name
    this.#connection = new Connection(redis, name, `{${prefix}}:`)
    this.#tickets = new Tickets(redis, `{${prefix}}`, stalledMs)
    this.#news = new News(this.#connection)
    this.#issuing = new Issuing(this.#tickets, this.#news)
    this.#bodies = new RedisBodies(this.#connection)
    this.#adding = new Adding(this.#connection, this.#bodies, this.#issuing)
    this.#claiming = new Claiming(this.#connection, this.#tickets, this.#issuing, ticketMs)
  }

  async open(): Promise<void> {
    const { redis } = this.#connection
    await this.#connection.ask("open", async () => {
      await this.#connection.open()
      await refuseUnsafe(redis, this.name)
      const key = this.#connection.key("schema")
      await redis.setnx(key, SCHEMA)
      const schema = Number(await redis.get(key))
      if (schema > SCHEMA)
        throw new OutboxError(
          "newer",
          `${this.name} was written by a newer version (schema ${schema}, this one knows ${SCHEMA}); update @steadfetch/outbox`,
        )
      await this.#tickets.open()
    })
  }

  async add(entries: readonly NewEntry[], transaction?: unknown): Promise<readonly Added[]> {
    if (transaction !== undefined)
      throw new OutboxError("store", `${this.name} takes no part in transactions; use outbox.post() without in()`)
    return entries.length === 0 ? [] : this.#connection.ask("add to", () => this.#adding.add(entries))
  }

  claim(request: ClaimRequest): Promise<Claims> {
    return this.#connection.ask("claim from", () => this.#claiming.claim(request))
  }

  async renew(leases: readonly Lease[], until: number): Promise<readonly Lease[]> {
    if (leases.length === 0) return []
    return this.#connection.ask("renew leases in", async () => {
      const pairs = leases.flatMap(({ id, token }) => [id, token])
      const lost = ((await this.#connection.run("outboxRenew", until, pairs)) as Buffer[]).map(String)
      const isLost = new Set(
        lost.map((id, index) => `${id} ${lost[index + 1]}`).filter((_pair, index) => index % 2 === 0),
      )
      return leases.filter(({ id, token }) => isLost.has(`${id} ${token}`))
    })
  }

  conclude(lease: Lease, conclusion: Conclusion): Promise<boolean> {
    return this.#connection.ask("write to", () => this.#concluding.do({ lease, conclusion }))
  }

  async alter(id: string, version: number, { at, state, body, content, ...numbers }: Alteration): Promise<boolean> {
    const call = randomUUID()
    const bytes = body === undefined ? "" : body === null ? "-" : await this.#layReady(`n:${call}`, body)
    const changes = Object.entries(numbers).filter((pair): pair is [string, string | number] => pair[1] !== undefined)
    const kept = content === undefined ? [] : ["content", bufferOf(content)]
    const args = [at, id, version, state, call, bytes, ...changes.flat(), ...kept]
    const [done, origin] = await this.#change("outboxAlter", args)
    if (done === 1 && origin !== undefined) this.#issuing.withdraw(id, version, origin.toString())
    return done === 1
  }

  async read(id: string): Promise<StoredEntry | undefined> {
    return this.#connection.ask("read from", async () => {
      const { redis } = this.#connection
      const fields = (await redis.callBuffer("HGETALL", this.#connection.key(`e:${id}`))) as Fields
      return fields.length === 0 ? undefined : entryOf(fields)
    })
  }

  async find(key: string): Promise<StoredEntry | undefined> {
    const keys = this.#connection.key("k")
    const id = await this.#connection.ask("read from", () => this.#connection.redis.hget(keys, key))
    return id === null ? undefined : this.read(id)
  }

  body(id: string): Promise<StoredBody | undefined> {
    return this.#connection.ask("read from", () => this.#bodies.read(id))
  }

  list(query: ListQuery): Promise<readonly StoredEntry[]> {
    return this.#connection.ask("read from", () => list(this.#connection, query))
  }

  counts(): Promise<readonly OriginCounts[]> {
    const counts = this.#connection.key("counts")
    return this.#connection.ask("read from", async () => countsOf(await this.#connection.redis.hgetall(counts)))
  }

  async remove(states: readonly EntryState[], changedBefore: number, most: number): Promise<number> {
    for (let removed = 0; ;) {
      const wanted = Math.min(REMOVED_AT_ONCE, most - removed)
      if (wanted <= 0) return removed
      const [count] = await this.#change("outboxRemove", [changedBefore, wanted, ...states])
      removed += count
      if (count < wanted) return removed
    }
  }

  listen(listener: StoreListener): () => void {
    return this.#news.listen(listener)
  }

  async close(): Promise<void> {
    this.#news.close()
    await this.#issuing.settled()
    this.#connection.redis.disconnect()
  }

  async #layReady(place: string, body: StoredBody): Promise<number> {
    const lengths = await this.#connection.ask("write to", () => this.#bodies.layReady([{ place, body }]))
    return lengths[0] ?? 0
  }

  async #concludeAll(ends: readonly End[]): Promise<readonly boolean[]> {
    const args = ends.map(({ lease: { id, token }, conclusion: { at, state, dueAt, tries, result } }) => {
      const kept = result === undefined ? ["", "0"] : [bufferOf(result), "1"]
      return [at, id, token, state, dueAt, tries, ...kept, randomUUID()]
    })
    const [held, made] = (await this.#connection.run("outboxConclude", args.flat())) as [number[], TicketFields[]]
    this.#issuing.issue(made)
    return held.map((one) => one === 1)
  }

  /** Runs a script that tells what it has done, which tickets are needed then, and of which origin the entry was. */
  #change(
    script: "outboxAlter" | "outboxRemove",
    args: readonly (string | number | Buffer)[],
  ): Promise<readonly [done: number, origin: Buffer | undefined]> {
    return this.#connection.ask("write to", async () => {
      const told = await this.#connection.run(script, args)
      const [done, made, origin] = told as [number, TicketFields[], Buffer?]
      this.#issuing.issue(made)
      return [done, origin]
    })
  }
}
