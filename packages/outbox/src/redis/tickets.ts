import { createHash, randomUUID } from "node:crypto"
import { createRedisBackend, Job, Worker, type IQueueBackend, type RedisQueueBackend, type WorkerOptions } from "bullmq"
import type { Redis } from "ioredis"

/** Says that one of an origin's entries of a priority may be sent, once the entry that it is made for is due. */
export interface Ticket {
  readonly id: string
  readonly version: number
  readonly origin: string
  readonly dueAt: number
  readonly priority: number
}

/** A ticket that was taken and is not used up yet. */
export interface TakenTicket {
  readonly priority: number
  use(): Promise<void>
}

/** Priorities of BullMQ go from 1, the most important one. */
const MOST_PRIORITY = 101

/** Queues that are kept at hand. */
const MOST_QUEUES = 1000

interface TicketQueue {
  readonly backend: IQueueBackend
  readonly worker: Worker<TicketData>
  /** When it was last looked for tickets that died with who took them. */
  checkedAt: number
}

interface TicketData {
  readonly priority: number
}

/** The tickets of all origins, in a queue of BullMQ for each: an origin that is held back is not looked into. */
export class Tickets {
  readonly #options: WorkerOptions
  readonly #stalledMs: number
  readonly #queues = new Map<string, TicketQueue>()
  #root: RedisQueueBackend | undefined

  /** @param stalledMs A ticket that is held for so long is taken back: who took it has died. */
  constructor(redis: Redis, prefix: string, stalledMs: number) {
    this.#stalledMs = stalledMs
    this.#options = {
      connection: redis,
      prefix,
      autorun: false,
      skipVersionCheck: true,
      skipWaitingForReady: true,
      lockDuration: stalledMs,
      stalledInterval: stalledMs,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    }
  }

  /** The connection must be open. */
  async open(): Promise<void> {
    const root = createRedisBackend("tickets", this.#options)
    // Commands tell of it.
    root.on("error", () => {})
    await root.waitUntilReady()
    this.#root = root
  }

  /** Puts tickets into their queues; those that are there already stay. */
  async issue(tickets: readonly Ticket[]): Promise<void> {
    // BullMQ counts the delay from now by this clock.
    const at = Date.now()
    const byOrigin = Map.groupBy(tickets, ({ origin }) => origin)
    await Promise.all(
      [...byOrigin].map(([origin, all]) =>
        Job.createBulk(
          this.#queue(origin).worker,
          all.map(({ id, version, dueAt, priority }) => ({
            name: "send",
            data: { priority },
            opts: {
              jobId: ticketId(id, version),
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

  /** Takes the ticket of an entry away that is not sent any more, where it is in its queue. */
  async withdraw({ id, version, origin }: Pick<Ticket, "id" | "version" | "origin">): Promise<void> {
    await this.#queue(origin).backend.remove(ticketId(id, version), false)
  }

  /** Takes tickets of an origin that are due, the most important first, as far as there are any. */
  async take(origin: string, most: number, at: number): Promise<readonly TakenTicket[]> {
    const queue = this.#queue(origin)
    this.#takeBack(queue, at)
    const token = randomUUID()
    const next = (): Promise<Job<TicketData> | undefined> => queue.worker.getNextJob(token, { block: false })
    const jobs = await Promise.all(Array.from({ length: most }, next))
    return jobs.flatMap((job) =>
      job === undefined
        ? []
        : [{ priority: job.data.priority, use: async () => void (await job.moveToCompleted(null, token, false)) }],
    )
  }

  /** Puts the tickets back that processes held when they died: a worker of BullMQ has a timer for that. */
  #takeBack(queue: TicketQueue, at: number): void {
    if (Math.abs(at - queue.checkedAt) < this.#stalledMs) return
    queue.checkedAt = at
    queue.backend.moveStalledJobsToWait().catch(() => {})
  }

  #queue(origin: string): TicketQueue {
    const known = this.#queues.get(origin)
    this.#queues.delete(origin)
    const queue = known ?? this.#open(origin)
    this.#queues.set(origin, queue)
    const [oldest] = this.#queues.keys()
    // A queue has nothing to close: all are on one connection.
    if (this.#queues.size > MOST_QUEUES && oldest !== undefined) this.#queues.delete(oldest)
    return queue
  }

  #open(origin: string): TicketQueue {
    if (this.#root === undefined) throw new Error("open() comes first")
    const name = createHash("sha256").update(origin).digest("hex").slice(0, 32)
    const backend = this.#root.forQueue(name)
    const worker = new Worker<TicketData>(name, null, { ...this.#options }, () => backend as RedisQueueBackend)
    worker.on("error", () => {})
    // Nobody reads the events of these queues; each would keep ten thousand.
    backend.setQueueMeta({ "opts.maxLenEvents": 0 }).catch(() => {})
    return { backend, worker, checkedAt: 0 }
  }
}

const ticketId = (id: string, version: number): string => `${id}-${version}`
