import { fork, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { availableParallelism } from "node:os"
import { Client } from "pg"
import { openOutbox } from "@steadfetch/outbox"
import { postgres } from "@steadfetch/outbox/postgres"
import { steadfetch } from "steadfetch"
import { startPostgres } from "../../e2e/servers/postgres.ts"
import { crowd } from "./crowd.ts"
import { serverProcessorMs } from "./processor-time.ts"

/** What a worker process is told. */
export interface FleetTask {
  readonly connectionString: string
  /** How long the API takes for a reply. */
  readonly latencyMs: number
}

/** What a worker process tells. */
export interface Progress {
  readonly sent: number
  readonly lastAt: number
  readonly processorMs: number
}

/** What so many workers did. */
export interface Fleet {
  readonly workers: number
  readonly latencyMs: number
  readonly perSecond: number
  /** Shares of the machine's cores while they were at work. */
  readonly workersShare: number
  readonly serverShare: number
}

export interface FleetSizes {
  readonly rounds: number
  /** Entries to deliver: by an API that answers at once, and by one that takes its time. */
  readonly entries: Readonly<Record<"fast" | "slow", number>>
}

const SLOW_MS = 100

/** One worker process beside four, on a PostgreSQL of their own, in turn. */
export async function measureFleets({ rounds, entries }: FleetSizes): Promise<readonly Fleet[]> {
  await using server = await startPostgres()
  const { connectionString } = server
  const client = new Client({ connectionString })
  await client.connect()
  const { rows } = await client.query<{ id: number }>("SELECT pg_backend_pid() AS id")
  const backend = rows[0]?.id ?? 0
  const outbox = await openOutbox({ api: steadfetch({ baseUrl: "https://api.test" }), store: postgres({ connectionString }) })
  const measured: Fleet[] = []
  for (let round = 0; round < rounds; round++) {
    for (const [latencyMs, count] of [[0, entries.fast], [SLOW_MS, entries.slow]] as const) {
      for (const workers of [1, 4]) {
        await crowd(count, () => outbox.post("/x", { json: { text: "x".repeat(1000) } }))
        measured.push(await deliver(workers, { connectionString, latencyMs }, count, backend))
      }
    }
  }
  await outbox.close()
  await client.end()
  return measured
} // prettier-ignore

async function deliver(workers: number, task: FleetTask, count: number, backend: number): Promise<Fleet> {
  const file = new URL("fleet-worker-process.ts", import.meta.url)
  const children = Array.from({ length: workers }, () =>
    fork(file, [JSON.stringify(task)], { execArgv: ["--conditions=@steadfetch/source"] }),
  )
  await Promise.all(children.map((child) => once(child, "message")))
  const serverBefore = await serverProcessorMs(backend)
  const startedAt = Date.now()
  const { lastAt, processorMs } = await progressOf(children, count)
  const serverMs = (await serverProcessorMs(backend)) - serverBefore
  const coresMs = (Date.now() - startedAt) * availableParallelism()
  for (const child of children) child.send("end")
  await Promise.all(children.map((child) => once(child, "close")))
  return {
    workers,
    latencyMs: task.latencyMs,
    perSecond: (count * 1000) / (lastAt - startedAt),
    workersShare: processorMs / coresMs,
    serverShare: serverMs / coresMs,
  }
}

/** Resolves once all was sent. */
function progressOf(children: readonly ChildProcess[], count: number): Promise<Progress> {
  const progress = new Map<ChildProcess, Progress>()
  const { promise, resolve, reject } = Promise.withResolvers<Progress>()
  for (const child of children) {
    child.once("exit", () => reject(new Error("a worker ended by itself")))
    child.on("message", (message) => {
      progress.set(child, message as Progress)
      const all = [...progress.values()]
      const sum = (of: (one: Progress) => number): number => all.reduce((total, one) => total + of(one), 0)
      if (sum(({ sent }) => sent) < count) return
      const lastAt = Math.max(...all.map((one) => one.lastAt))
      resolve({ sent: count, lastAt, processorMs: sum((one) => one.processorMs) })
    })
    child.send("go")
  }
  return promise
}
