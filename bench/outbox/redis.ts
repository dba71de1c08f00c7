/**
 * How fast entries are added to Redis, beside bare jobs of BullMQ, and how fast they are taken and concluded by one process
 * and by four. Redis writes each command to the disk before it answers (`appendfsync always`).
 *
 * `npm run bench:outbox:redis [entries]`
 */

import { spawn } from "node:child_process"
import { once } from "node:events"
import { cpus } from "node:os"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { NewEntry } from "@steadfetch/outbox"
import { redis } from "@steadfetch/outbox/redis"
import { Queue, Worker } from "bullmq"
import { Redis } from "ioredis"
import { startRedis } from "../../e2e/servers/redis.ts"
import { median } from "../speed/statistics.ts"
import { newEntry } from "./new-entry.ts"

const [count = 8000] = process.argv.slice(2).map(Number)
const ROUNDS = 3
const CALLERS = 32
const ORIGINS = 4

let last = 0
const entry = (): NewEntry => newEntry({ origin: `https://api${++last % ORIGINS}.example.com`, key: `order-${last}` })

/** So many a second, by callers who each wait for their own. */
async function addedPerSecond(add: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  let left = count
  const caller = async (): Promise<void> => {
    while (left-- > 0) await add()
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return (count / (performance.now() - startedAt)) * 1000
}

/** What a worker of BullMQ without an outbox can do: jobs taken and completed, as many at once as there are callers. */
async function barePerSecond(worker: Worker): Promise<number> {
  const startedAt = performance.now()
  const one = async (): Promise<number> => {
    const job = await worker.getNextJob("bench", { block: false })
    await job?.moveToCompleted(null, "bench", false)
    return job === undefined ? 0 : 1
  }
  for (let done = 0; done < count;) {
    const ends = await Promise.all(Array.from({ length: CALLERS }, one))
    done += ends.reduce((sum, end) => sum + end, 0)
  }
  return (count / (performance.now() - startedAt)) * 1000
}

async function deliveredPerSecond(path: string, prefix: string, processes: number): Promise<number> {
  const program = fileURLToPath(new URL("redis-worker-process.ts", import.meta.url))
  const args = ["--conditions=@steadfetch/source", program, path, prefix]
  const workers = await Promise.all(
    Array.from({ length: processes }, async () => {
      const worker = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] })
      const lines = createInterface({ input: worker.stdout })
      await once(lines, "line")
      return { worker, lines }
    }),
  )
  const startedAt = performance.timeOrigin + performance.now()
  const ends = await Promise.all(
    workers.map(async ({ worker, lines }): Promise<{ done: number; lastAt: number }> => {
      worker.stdin.write("go\n")
      const [line] = await once(lines, "line")
      return JSON.parse(String(line))
    }),
  )
  const done = ends.reduce((sum, end) => sum + end.done, 0)
  if (done !== count) process.stdout.write(`${done} of ${count} were delivered\n`)
  return (done / (Math.max(...ends.map(({ lastAt }) => lastAt)) - startedAt)) * 1000
}

const told = (values: readonly number[]): string => Math.round(median(values)).toLocaleString("en").padStart(8)

await using server = await startRedis()
const bare = new Queue("bare", { connection: new Redis(server.path, { maxRetriesPerRequest: null }) })
const content = Buffer.alloc(400, 65)
const body = Buffer.alloc(1024, 66)
const job = { content: content.toString("base64"), body: body.toString("base64") }
const worker = new Worker("bare", null, {
  connection: new Redis(server.path, { maxRetriesPerRequest: null }),
  autorun: false,
})
const rates = {
  bare: [] as number[],
  bareTaken: [] as number[],
  added: [] as number[],
  one: [] as number[],
  four: [] as number[],
}
for (let round = 0; round < ROUNDS; round++) {
  rates.bare.push(await addedPerSecond(() => bare.add("send", job, { removeOnComplete: true })))
  rates.bareTaken.push(await barePerSecond(worker))
  for (const [processes, delivered] of [
    [1, rates.one],
    [4, rates.four],
  ] as const) {
    const prefix = `bench-${round}-${processes}`
    const store = redis(server.path, { prefix })
    await store.open()
    rates.added.push(await addedPerSecond(() => store.add([entry()])))
    await store.close()
    delivered.push(await deliveredPerSecond(server.path, prefix, processes))
  }
}
await Promise.all([bare.close(), worker.close()])
process.stdout
  .write(`${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0]?.model} × ${cpus().length}
${count} entries of ${content.length} + ${body.length} bytes, ${ORIGINS} origins, medians of ${ROUNDS} rounds
bare BullMQ jobs added by ${CALLERS} callers    ${told(rates.bare)}/s
entries added by ${CALLERS} callers             ${told(rates.added)}/s
bare BullMQ jobs taken and completed    ${told(rates.bareTaken)}/s
entries taken and concluded, 1 process  ${told(rates.one)}/s
entries taken and concluded, 4 processes${told(rates.four)}/s
`)
process.exit()
