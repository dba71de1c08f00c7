/**
 * What the PostgreSQL store does in a second, beside bare inserts and pg-boss alone, on a server of its own:
 *
 * `node --conditions=@steadfetch/source bench/outbox/postgres.ts [entries] [entries that wait]`
 */

import { fork, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { Client, Pool } from "pg"
import { PgBoss } from "pg-boss"
import { postgres } from "@steadfetch/outbox/postgres"
import type { Store } from "@steadfetch/outbox"
import { startPostgres } from "../../e2e/servers/postgres.ts"
import { entry } from "./postgres-entries.ts"

const CALLERS = 32
const [count = 10_000, waiting = 200_000] = process.argv.slice(2).map(Number)

const say = (what: string, perSecond: number): void =>
  void process.stdout.write(`${what.padEnd(64)}${perSecond.toFixed(0).padStart(8)}/s\n`)

async function timed(items: number, run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await run()
  return (items / (performance.now() - startedAt)) * 1000
}

/** Callers that each begin again when they are done. */
async function byCallers(items: number, one: () => Promise<unknown>): Promise<void> {
  let left = items
  const caller = async (): Promise<void> => {
    while (left-- > 0) await one()
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
}

async function bareInserts(connectionString: string): Promise<number> {
  const client = new Client({ connectionString })
  await client.connect()
  await client.query("CREATE TABLE bare (id uuid PRIMARY KEY, content bytea, body bytea)")
  const perSecond = await timed(count, async () => {
    for (let done = 0; done < count; done += CALLERS) {
      const rows = Array.from({ length: CALLERS }, () => entry())
      const values = [rows.map(({ id }) => id), rows.map(({ content }) => content), rows.map(({ body }) => Buffer.from(body as Uint8Array))] // prettier-ignore
      await client.query("INSERT INTO bare SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bytea[])", values)
    }
  })
  await client.end()
  return perSecond
}

async function pgBossAlone(connectionString: string): Promise<void> {
  const boss = new PgBoss({ connectionString, schema: "boss_alone", supervise: false, schedule: false })
  boss.on("error", (error) => void process.stderr.write(`${error.message}\n`))
  await boss.start()
  await boss.createQueue("alone")
  const data = { text: "x".repeat(1400) }
  say(`pg-boss alone: send, ${CALLERS} callers`, await timed(count, () => byCallers(count, () => boss.send("alone", data)))) // prettier-ignore
  const fetched = timed(count, async () => {
    for (let done = 0; done < count;) {
      const jobs = await boss.fetch("alone", { batchSize: CALLERS })
      await boss.complete("alone", jobs.map(({ id }) => id)) // prettier-ignore
      done += jobs.length
    }
  })
  say(`pg-boss alone: fetch and complete, ${CALLERS} at a time`, await fetched)
  await boss.stop()
}

async function fill(store: Store, items: number, dueAt?: number): Promise<void> {
  const group = (): Promise<unknown> => store.add(Array.from({ length: 250 }, () => entry(dueAt)))
  for (let done = 0; done < items; done += 1000) await Promise.all([group(), group(), group(), group()])
}

async function worker(connectionString: string): Promise<ChildProcess> {
  const child = fork(new URL("postgres-worker-process.ts", import.meta.url), [connectionString])
  await once(child, "message")
  return child
}

async function byWorkers(workers: number, connectionString: string): Promise<number> {
  const children = await Promise.all(Array.from({ length: workers }, () => worker(connectionString)))
  let done = 0
  const startedAt = performance.now()
  const ends = children.map(async (child) => {
    child.send("go")
    const [one] = await once(child, "message")
    done += Number(one)
  })
  await Promise.all(ends)
  return (done / (performance.now() - startedAt)) * 1000
}

async function measure(store: Store, connectionString: string, when: string): Promise<void> {
  const adds = await timed(count, () => byCallers(count, () => store.add([entry()])))
  say(`outbox${when}: add, ${CALLERS} callers`, adds)
  say(`outbox${when}: claim and conclude, 1 process, ${CALLERS} in flight`, await byWorkers(1, connectionString))
  await fill(store, count)
  say(`outbox${when}: claim and conclude, 4 processes, ${CALLERS} in flight each`, await byWorkers(4, connectionString))
}

await using server = await startPostgres()
const { connectionString } = server
say(`bare inserts, ${CALLERS} rows a transaction`, await bareInserts(connectionString))
await pgBossAlone(connectionString)
const pool = new Pool({ connectionString })
pool.on("error", () => {})
const store = postgres({ pool })
await store.open()
await measure(store, connectionString, "")
await fill(store, waiting, Date.now() + 86_000_000)
await pool.query("ANALYZE")
const startedAt = performance.now()
await store.counts()
process.stdout.write(`counts of ${waiting} entries: ${(performance.now() - startedAt).toFixed(1)} ms\n`)
await measure(store, connectionString, `, while ${waiting} wait`)
await store.close()
await pool.end()
