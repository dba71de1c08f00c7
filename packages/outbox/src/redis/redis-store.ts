import { randomUUID } from "node:crypto"
import type { Redis } from "ioredis"
import type { EntryState } from "../entry.ts"
import { OutboxError } from "../errors.ts"
import type {
  Added,
  Alteration,
  Claimed,
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
import { added, addingArguments, entryOf, type Fields } from "./fields.ts"
import { RedisBodies } from "./bodies.ts"
import { countsOf } from "./counts.ts"
import { refuseUnsafe } from "./safety.ts"
import { scripts, type ScriptName } from "./scripts.ts"
import { Tickets, type Ticket } from "./tickets.ts"

/** Of the keys in Redis; a store of a higher one is not touched. */
const SCHEMA = 1

/** A ticket that was needed so long ago and is not known to be in its queue is issued again. */
const TICKET_LOST_MS = 5000

/** Origins looked into by one claim, at most. */
const MOST_ORIGINS = 1000

/** Entries read at a time for a list that is filtered. */
const PAGE = 200

type Argument = string | number | Buffer

/** A ticket as a script tells of it. */
type TicketFields = readonly [id: Buffer, version: Buffer, origin: Buffer, dueAt: Buffer, priority: Buffer]

export class RedisStore implements Store {
  readonly name: string
  readonly #redis: Redis
  readonly #prefix: string
  readonly #tickets: Tickets
  readonly #bodies: RedisBodies
  readonly #listeners = new Set<StoreListener>()
  #subscriber: Redis | undefined

  /** @param redis A connection of its own, not yet open. */
  constructor(redis: Redis, name: string, prefix: string) {
    this.#redis = redis
    this.#prefix = `{${prefix}}:`
    this.name = name
    this.#tickets = new Tickets(redis, `{${prefix}}`, () => {})
    this.#bodies = new RedisBodies(redis, this.#prefix)
    for (const [script, lua] of Object.entries(scripts)) redis.defineCommand(script, { numberOfKeys: 1, lua })
    // Commands tell of it; nobody else needs to know that it reconnects.
    redis.on("error", () => {})
  }

  async open(): Promise<void> {
    await this.#ask("open", async () => {
      if (this.#redis.status === "wait") await this.#redis.connect()
      await refuseUnsafe(this.#redis, this.name)
      const schema = Number((await this.#redis.get(`${this.#prefix}schema`)) ?? SCHEMA)
      if (schema > SCHEMA)
        throw new OutboxError(
          "newer",
          `${this.name} was written by a newer version (schema ${schema}, this one knows ${SCHEMA}); update @steadfetch/outbox`,
        )
      await this.#redis.set(`${this.#prefix}schema`, SCHEMA)
    })
  }

  async add(entries: readonly NewEntry[], transaction?: unknown): Promise<readonly Added[]> {
    if (transaction !== undefined)
      throw new OutboxError("store", `${this.name} takes no part in transactions; use outbox.post() without in()`)
    if (entries.length === 0) return []
    return this.#ask("add to", async () => {
      const bodyBytes = await this.#bodies.layReady(entries, "b:")
      const at = Math.max(...entries.map(({ addedAt }) => addedAt))
      const all = entries.flatMap((entry, index) => addingArguments(entry, bodyBytes[index]))
      const [ids, made] = (await this.#run("outboxAdd", at, ...all)) as [Buffer[], TicketFields[]]
      await this.#issue(made, at)
      return Promise.all(
        entries.map(async (entry, index): Promise<Added> => {
          const id = ids[index]?.toString() ?? ""
          if (id === entry.id) return { entry: added(entry, bodyBytes[index]), isNew: true }
          const known = await this.read(id)
          if (known === undefined) throw new OutboxError("store", `${this.name} lost entry ${id}`)
          return { entry: known, isNew: false }
        }),
      )
    })
  }

  async claim({ at, leaseUntil, most, room }: ClaimRequest): Promise<Claims> {
    return this.#ask("claim from", async () => {
      await this.#issue((await this.#run("outboxRecover", at, at - TICKET_LOST_MS)) as TicketFields[], at)
      const claimed: Claimed[] = []
      const take = (fields: Fields, token: string): void => {
        const entry = entryOf(fields)
        claimed.push({ entry, lease: { id: entry.id, token } })
      }
      if (most > 0) {
        const token = randomUUID()
        const overdue = (await this.#run("outboxTakeOverdue", at, leaseUntil, most, token)) as Fields[]
        for (const fields of overdue) take(fields, token)
        const due = await this.#redis.zrange(
          `${this.#prefix}next`,
          "-inf",
          String(at),
          "BYSCORE",
          "LIMIT",
          0,
          MOST_ORIGINS,
        )
        for (const origin of due) {
          for (let left = Math.min(room(origin), most - claimed.length); left > 0;) {
            const ticket = await this.#tickets.next(origin)
            if (ticket === undefined) break
            const token = randomUUID()
            const args = [at, leaseUntil, token, origin, ticket.priority]
            const fields = (await this.#run("outboxTake", ...args)) as Fields | null
            await ticket.use()
            if (fields === null) continue
            take(fields, token)
            left--
          }
        }
      }
      return { claimed, nextAt: await this.#nextAt() }
    })
  }

  async renew(leases: readonly Lease[], until: number): Promise<readonly Lease[]> {
    if (leases.length === 0) return []
    return this.#ask("renew leases in", async () => {
      const lost = (await this.#run(
        "outboxRenew",
        until,
        ...leases.flatMap(({ id, token }) => [id, token]),
      )) as Buffer[]
      const tokens = new Set(lost.map(String))
      return leases.filter(({ token }) => tokens.has(token))
    })
  }

  async conclude(lease: Lease, { at, state, dueAt, tries, result }: Conclusion): Promise<boolean> {
    return this.#ask("write to", async () => {
      const end = result === undefined ? ["", "0"] : [bufferOf(result), "1"]
      const args = [at, lease.id, lease.token, state, dueAt, tries, ...end]
      const [held, made] = (await this.#run("outboxConclude", ...args)) as [number, TicketFields[]]
      await this.#issue(made, at)
      return held === 1
    })
  }

  async alter(id: string, version: number, { at, state, body, content, ...numbers }: Alteration): Promise<boolean> {
    return this.#ask("write to", async () => {
      const changes = Object.entries(numbers).filter((pair): pair is [string, string | number] => pair[1] !== undefined)
      const bytes =
        body === undefined ? "" : body === null ? "-" : ((await this.#bodies.layReady([{ id, body }], "n:"))[0] ?? "-")
      const kept = content === undefined ? [] : ["content", bufferOf(content)]
      const args = [at, id, version, state, bytes, ...changes.flat(), ...kept]
      const [done, made] = (await this.#run("outboxAlter", ...args)) as [number, TicketFields[]]
      await this.#issue(made, at)
      return done === 1
    })
  }

  async read(id: string): Promise<StoredEntry | undefined> {
    return this.#ask("read from", async () => {
      const fields = (await this.#redis.callBuffer("HGETALL", `${this.#prefix}e:${id}`)) as Fields
      return fields.length === 0 ? undefined : entryOf(fields)
    })
  }

  async find(key: string): Promise<StoredEntry | undefined> {
    const id = await this.#ask("read from", () => this.#redis.hget(`${this.#prefix}k`, key))
    return id === null ? undefined : this.read(id)
  }

  async body(id: string): Promise<StoredBody | undefined> {
    return this.#ask("read from", () => this.#bodies.read(id))
  }

  async list({ states, origin, orderingKey, after, limit }: ListQuery): Promise<readonly StoredEntry[]> {
    return this.#ask("read from", async () => {
      const index = states?.length === 1 ? `l:${states[0]}` : "all"
      const isWanted = (entry: StoredEntry): boolean =>
        (states === undefined || states.includes(entry.state)) &&
        (origin === undefined || entry.origin === origin) &&
        (orderingKey === undefined || entry.orderingKey === orderingKey)
      const found: StoredEntry[] = []
      for (let from = after ?? ""; found.length < limit;) {
        const page = ((await this.#run("outboxList", index, PAGE, from)) as Fields[]).map(entryOf)
        found.push(...page.filter(isWanted))
        const last = page.at(-1)
        if (last === undefined || page.length < PAGE) break
        from = last.id
      }
      return found.slice(0, limit)
    })
  }

  async counts(): Promise<readonly OriginCounts[]> {
    return this.#ask("read from", async () => countsOf(await this.#redis.hgetall(`${this.#prefix}counts`)))
  }

  async remove(states: readonly EntryState[], changedBefore: number, most: number): Promise<number> {
    return this.#ask("write to", async () => {
      const [removed, made] = (await this.#run("outboxRemove", changedBefore, changedBefore, most, ...states)) as [
        number,
        TicketFields[],
      ]
      await this.#issue(made, changedBefore)
      return removed
    })
  }

  listen(listener: StoreListener): () => void {
    this.#listeners.add(listener)
    this.#subscribe()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#unsubscribe()
    }
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    this.#unsubscribe()
    await this.#tickets.close().catch(() => {})
    this.#redis.disconnect()
  }

  #subscribe(): void {
    if (this.#subscriber !== undefined) return
    const subscriber = this.#redis.duplicate({ lazyConnect: false, autoResubscribe: false })
    this.#subscriber = subscriber
    subscriber.on("error", () => {})
    subscriber.on("message", (channel, id) => {
      for (const listener of this.#listeners) {
        if (channel.endsWith("work")) listener.work?.()
        else listener.changed?.(id)
      }
    })
    // Nobody told of what came before, or while the connection was lost.
    subscriber.on("ready", () => {
      subscriber.subscribe(`${this.#prefix}work`, `${this.#prefix}changed`).then(
        () => {
          for (const listener of this.#listeners) listener.work?.()
        },
        () => {},
      )
    })
  }

  #unsubscribe(): void {
    this.#subscriber?.disconnect()
    this.#subscriber = undefined
  }

  /** The earliest of what is due and of the leases that may end. */
  async #nextAt(): Promise<number | undefined> {
    const firsts = await Promise.all(
      ["next", "leases", "x"].map((key) => this.#redis.zrange(`${this.#prefix}${key}`, "0", "0", "WITHSCORES")),
    )
    const instants = firsts.flatMap(([, score]) => (score === undefined ? [] : [Number(score)]))
    return instants.length === 0 ? undefined : Math.min(...instants)
  }

  /** Puts the tickets that a script asks for into their queues; where that fails, or this process dies first, a later claim does. */
  async #issue(made: readonly TicketFields[], at: number): Promise<void> {
    if (made.length === 0) return
    for (const listener of this.#listeners) listener.work?.()
    const tickets = made.map(([id, version, origin, dueAt, priority]): Ticket => ({
      id: id.toString(),
      version: Number(version),
      origin: origin.toString(),
      dueAt: Number(dueAt),
      priority: Number(priority),
    }))
    try {
      await this.#tickets.issue(tickets, at)
      await this.#redis.zrem(`${this.#prefix}u`, ...tickets.map(({ id, version }) => `${id} ${version}`))
    } catch {
      // What the script wrote stays true, and the tickets are still noted as needed.
    }
  }

  #run(script: ScriptName, ...args: readonly Argument[]): Promise<unknown> {
    const commands = this.#redis as unknown as Record<
      string,
      (key: string, ...args: readonly Argument[]) => Promise<unknown>
    >
    const command = commands[`${script}Buffer`]
    if (command === undefined) throw new OutboxError("store", `${this.name} does not know the script ${script}`)
    return command.call(this.#redis, this.#prefix, ...args)
  }

  /** Names the store in what goes wrong with it. */
  async #ask<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw this.#named(what, error)
    }
  }

  #named(what: string, error: unknown): unknown {
    if (error instanceof OutboxError || !isOfRedis(error)) return error
    const full = /^OOM /.test(error.message)
    const fix = full ? "its memory is full: give it more, or let fewer entries wait" : "is it running and reachable?"
    return new OutboxError("store", `cannot ${what} ${this.name}: ${error.message}; ${fix}`, { cause: error })
  }
}

/** Whether it is Redis or the connection to it that failed, and not the source of a body. */
function isOfRedis(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const isOfClient = /^(ReplyError|MaxRetriesPerRequestError|AbortError)$/.test(error.name) || "syscall" in error
  return isOfClient || /^(Connection is closed|Stream isn't writeable|Command timed out)/.test(error.message)
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
