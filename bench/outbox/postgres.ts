/**
 * What the PostgreSQL store does in a second, beside bare inserts and pg-boss alone, on a server of its own. All are
 * measured in turn, round by round, so that what else the machine does falls on all of them:
 *
 * `npm run bench:outbox:postgres -- [rounds] [entries per round] [entries that wait]`
 */

import { fork, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { Client, Pool } from "pg"
import { PgBoss } from "pg-boss"
import { postgres } from "@steadfetch/outbox/postgres"
import type { NewEntry, Store } from "@steadfetch/outbox"
import { startPostgres } from "../../e2e/servers/postgres.ts"
import { newEntry } from "./new-entry.ts"

const CALLERS = 32
const [rounds = 5, count = 2_000, waiting = 200_000] = process.argv.slice(2).map(Number)

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

async function bareInserts(client: Client): Promise<void> {
  for (let done = 0; done < count; done += CALLERS) {
    await insertRows(
      client,
      Array.from({ length: CALLERS }, () => newEntry()),
    )
  }
}

async function insertRows(client: Client, rows: readonly NewEntry[]): Promise<void> {
  const values = [
    rows.map(({ id }) => id),
    rows.map(({ content }) => content),
    rows.map(({ body }) => Buffer.from(body as Uint8Array)),
  ]
  await client.query("INSERT INTO bare SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bytea[])", values)
}

/** A row and its job, in one transaction: what who has a table and pg-boss cannot do with less. */
async function insertsWithJobs(client: Client, boss: PgBoss): Promise<void> {
  for (let done = 0; done < count; done += CALLERS) {
    const rows = Array.from({ length: CALLERS }, () => newEntry())
    await client.query("BEGIN")
    await insertRows(client, rows)
    const jobs = rows.map(({ id }) => ({ id, data: { version: 1 } }))
    await boss.insert("rows", jobs, { db: { executeSql: (text, values) => client.query(text, values) } })
    await client.query("COMMIT")
  }
}

async function fetchAndComplete(boss: PgBoss): Promise<void> {
  for (let done = 0; done < count;) {
    const jobs = await boss.fetch("alone", { batchSize: CALLERS })
    const ids = jobs.map(({ id }) => id)
    await boss.complete("alone", ids)
    done += jobs.length
  }
}

async function fill(store: Store, items: number, dueAt = Date.now()): Promise<void> {
  const group = (): Promise<unknown> => store.add(Array.from({ length: 250 }, () => newEntry({ dueAt })))
  for (let done = 0; done < items; done += 1000) await Promise.all([group(), group(), group(), group()])
}

async function worker(connectionString: string, schema: string): Promise<ChildProcess> {
  const child = fork(new URL("postgres-worker-process.ts", import.meta.url), [connectionString, schema])
  await once(child, "message")
  return child
}

async function byWorkers(workers: number, connectionString: string, schema: string): Promise<number> {
  const children = await Promise.all(Array.from({ length: workers }, () => worker(connectionString, schema)))
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

await using server = await startPostgres()
const { connectionString } = server
const client = new Client({ connectionString })
await client.connect()
await client.query("CREATE TABLE bare (id uuid PRIMARY KEY, content bytea, body bytea)")
const boss = new PgBoss({ connectionString, schema: "boss_alone", supervise: false, schedule: false })
boss.on("error", (error) => void process.stderr.write(`${error.message}\n`))
await boss.start()
await boss.createQueue("alone")
await boss.createQueue("rows")
const pool = new Pool({ connectionString })
pool.on("error", () => {})
const [few, many] = ["few", "many"].map((schema) => postgres({ pool, schema })) as [Store, Store]
await few.open()
await many.open()
await fill(many, waiting, Date.now() + 86_000_000)
await client.query("ANALYZE")

const data = { text: "x".repeat(1400) }
const add = (store: Store) => (): Promise<number> => timed(count, () => byCallers(count, () => store.add([newEntry()])))
const work = (workers: number, schema: string) => async (): Promise<number> => {
  if (workers > 1) await fill(schema === "few" ? few : many, count)
  return byWorkers(workers, connectionString, schema)
}
const measurements: Readonly<Record<string, () => Promise<number>>> = {
  [`bare inserts, ${CALLERS} rows a transaction`]: () => timed(count, () => bareInserts(client)),
  [`bare inserts with pg-boss's, ${CALLERS} a transaction`]: () => timed(count, () => insertsWithJobs(client, boss)),
  [`pg-boss alone: send, ${CALLERS} callers`]: () =>
    timed(count, () => byCallers(count, () => boss.send("alone", data))),
  [`pg-boss alone: fetch and complete, ${CALLERS} at a time`]: () => timed(count, () => fetchAndComplete(boss)),
  [`outbox: add, ${CALLERS} callers`]: add(few),
  "outbox: claim and conclude, 1 process": work(1, "few"),
  "outbox: claim and conclude, 4 processes": work(4, "few"),
  [`outbox, ${waiting} wait: add, ${CALLERS} callers`]: add(many),
  [`outbox, ${waiting} wait: claim and conclude, 1 process`]: work(1, "many"),
  [`outbox, ${waiting} wait: claim and conclude, 4 processes`]: work(4, "many"),
  [`outbox, ${waiting} wait: counts`]: () => timed(1, () => many.counts()),
}
const results = new Map<string, number[]>(Object.keys(measurements).map((what) => [what, []]))
for (let round = 0; round < rounds; round++) {
  for (const [what, measure] of Object.entries(measurements)) results.get(what)?.push(await measure())
}
for (const [what, values] of results) {
  const sorted = values.toSorted((a, b) => a - b)
  const median = sorted[sorted.length >> 1] ?? 0
  process.stdout.write(`${what.padEnd(56)}${median.toFixed(0).padStart(8)}/s\n`)
}
await boss.stop()
await few.close()
await many.close()
await client.end()
await pool.end()
