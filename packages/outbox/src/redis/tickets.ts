import { createHash, randomUUID } from "node:crypto"
import { createRedisBackend, Queue, Worker, type BackendFactory, type Job, type RedisQueueBackend } from "bullmq"
import type { Redis } from "ioredis"

/** Says that one of an origin's entries of a priority may be sent, once the entry that it is made for is due. */
export interface Ticket {
  readonly id: string
  readonly version: number
  readonly origin: string
  readonly dueAt: number
  readonly priority: number
}

/** A ticket that is held for so long by a process that died goes back into its queue. */
const STALLED_MS = 15_000

/** Priorities of BullMQ go from 1, the most important one. */
const MOST_PRIORITY = 101

/** Both ends of one origin's queue. */
interface Ends {
  readonly queue: Queue<TicketData>
  readonly worker: Worker<TicketData>
}

interface TicketData {
  readonly priority: number
}

/** A backend without the connection that each worker would block on: nobody here does. */
const onOneConnection: BackendFactory<RedisQueueBackend> = (name, options) => createRedisBackend(name, options)

/** The tickets of all origins, in a queue of BullMQ for each: an origin that is held back is not looked into. */
export class Tickets {
  readonly #redis: Redis
  readonly #prefix: string
  readonly #trouble: (error: Error) => void
  readonly #origins = new Map<string, Ends>()

  constructor(redis: Redis, prefix: string, trouble: (error: Error) => void) {
    this.#redis = redis
    this.#prefix = prefix
    this.#trouble = trouble
  }

  /** Puts tickets into their queues; those that are there already stay. */
  async issue(tickets: readonly Ticket[], at: number): Promise<void> {
    const byOrigin = Map.groupBy(tickets, ({ origin }) => origin)
    await Promise.all(
      [...byOrigin].map(([origin, all]) =>
        this.#ends(origin).queue.addBulk(
          all.map(({ id, version, dueAt, priority }) => ({
            name: "send",
            data: { priority },
            opts: {
              jobId: `${id}-${version}`,
              delay: Math.max(0, Math.ceil(dueAt - at)),
              priority: MOST_PRIORITY - priority,
              removeOnComplete: true,
              removeOnFail: true,
            },
          })),
        ),
      ),
    )
  }

  /** Takes the next ticket of an origin that is due; undefined when there is none. It is used up by `use`. */
  async next(origin: string): Promise<(TicketData & { use(): Promise<void> }) | undefined> {
    const token = randomUUID()
    const job: Job<TicketData> | undefined = await this.#ends(origin).worker.getNextJob(token, { block: false })
    if (job === undefined) return undefined
    return { priority: job.data.priority, use: async () => void (await job.moveToCompleted(null, token, false)) }
  }

  async close(): Promise<void> {
    const ends = [...this.#origins.values()]
    this.#origins.clear()
    await Promise.all(ends.flatMap(({ queue, worker }) => [worker.close(true), queue.close()]))
  }

  #ends(origin: string): Ends {
    const known = this.#origins.get(origin)
    if (known !== undefined) return known
    const name = createHash("sha256").update(origin).digest("hex").slice(0, 32)
    const common = { connection: this.#redis, prefix: this.#prefix, skipVersionCheck: true, skipWaitingForReady: true }
    const queue = new Queue<TicketData>(name, { ...common, skipMetasUpdate: true }, onOneConnection)
    const worker = new Worker<TicketData>(
      name,
      null,
      { ...common, autorun: false, lockDuration: STALLED_MS, stalledInterval: STALLED_MS, maxStalledCount: 1e9 },
      onOneConnection,
    )
    queue.on("error", this.#trouble)
    worker.on("error", this.#trouble)
    worker.startStalledCheckTimer().catch(this.#trouble)
    const ends = { queue, worker }
    this.#origins.set(origin, ends)
    return ends
  }
}
