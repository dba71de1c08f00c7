import { openOutbox, sqlite, type Outbox, type OutboxOptions, type Store } from "@steadfetch/outbox"
import { steadfetch } from "steadfetch"
import { scaledRuntime } from "./scaled-runtime.ts"

/** Where the entries of a torture are kept: the path of a SQLite file, a connection string, the path of a socket. */
export interface Place {
  readonly kind: "sqlite" | "postgres" | "redis"
  readonly address: string
}

/** What a process that is to be killed is told. */
export interface Task {
  readonly place: Place
  /** Where requests go. */
  readonly baseUrl: string
  /** See scaledRuntime. */
  readonly epoch: number
  readonly speed: number
  /** Of the process; a process that is started anew has the name of the one before it. */
  readonly name: string
  /** The number of the next request of each caller. */
  readonly next: readonly number[]
}

/** The engines of fleets are loaded where they are used: a process should start soon. */
export async function storeAt({ kind, address }: Place): Promise<Store> {
  if (kind === "sqlite") return sqlite(address)
  if (kind === "redis") return (await import("@steadfetch/outbox/redis")).redis(address)
  const { postgres } = await import("@steadfetch/outbox/postgres")
  return postgres({ connectionString: address, connections: 4 })
}

/** Opens the outbox of a task; a server that is away is tried again until it is there. */
export async function outboxOf(task: Task, options: Partial<OutboxOptions>): Promise<Outbox> {
  const api = steadfetch({ baseUrl: task.baseUrl, runtime: scaledRuntime(task.epoch, task.speed) })
  for (;;) {
    try {
      return await openOutbox({ api, store: await storeAt(task.place), ...options })
    } catch (error) {
      if (task.place.kind === "sqlite") throw error
      await breath()
    }
  }
}

/** The task that this process was given; it ends with the one that gave it. */
export function ownTask(): Task {
  process.on("disconnect", () => process.exit())
  return JSON.parse(process.argv[2] ?? "") as Task
}

/** Tells in one write, so that nothing is told by halves. */
export const tell = (text: string): void => void process.stdout.write(`${text}\n`)

export const breath = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 20))
