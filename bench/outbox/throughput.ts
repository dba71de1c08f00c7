import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openOutbox, sqlite, type Claimed, type NewEntry, type Store } from "@steadfetch/outbox"
import { steadfetch, WholeBody, type Steadfetch, type Transport } from "steadfetch"
import { CALLERS, crowd } from "./crowd.ts"
import { newEntry } from "./new-entry.ts"
import { rawInserts } from "./raw-inserts.ts"

/** What was measured, per second: the outbox, and beside it what it stands on. */
export interface Throughput {
  readonly enqueued: number
  /** Rows by node:sqlite, as many to a transaction as there are callers. */
  readonly insertedRaw: number
  readonly delivered: number
  /** The store and the client alone. */
  readonly deliveredBare: number
}

const IN_FLIGHT = 32

/** Told of each request. */
let told = (): void => {}

const transport: Transport = {
  send: async () => {
    told()
    await new Promise((resolve) => setImmediate(resolve))
    return { kind: "reply", status: 204, url: undefined, headers: new Headers(), body: new WholeBody(new Uint8Array()) }
  },
  close: async () => {},
}

const json = { text: "x".repeat(1000) }

/** The outbox beside what it stands on, over so many entries of 1 kB. */
export async function measureThroughput(entries: number): Promise<Throughput> {
  const folder = await mkdtemp(join(tmpdir(), "outbox-bench-"))
  const api = steadfetch({ baseUrl: "https://api.test", transport })
  const body = new TextEncoder().encode(JSON.stringify(json))
  const insertedRaw = await insertedPerSecond(join(folder, "raw.db"), entries, body)
  const store = sqlite(join(folder, "outbox.db"))
  const outbox = await openOutbox({ api, store, concurrency: { total: IN_FLIGHT, perOrigin: IN_FLIGHT } })
  const enqueued = await rate(entries, () => crowd(entries, () => outbox.post("/x", { json })))
  const delivered = await rate(entries, async () => {
    outbox.run()
    await sent(entries)
    // Then all that was sent is written down.
    await outbox.stop()
  })
  await outbox.close()
  const bare = sqlite(join(folder, "bare.db"))
  await bare.open()
  await crowd(entries, () => bare.add([postOf(body)]))
  const deliveredBare = await rate(entries, () => bareLoop(bare, api, entries))
  await bare.close()
  await rm(folder, { recursive: true })
  return { enqueued, insertedRaw, delivered, deliveredBare }
}

async function insertedPerSecond(path: string, entries: number, body: Uint8Array<ArrayBuffer>): Promise<number> {
  using raw = rawInserts(path)
  const groups = Array.from({ length: Math.ceil(entries / CALLERS) }, () =>
    Array.from({ length: CALLERS }, () => postOf(body)),
  )
  return rate(groups.length * CALLERS, async () => groups.forEach(raw.insert))
}

/** Resolves when so many requests were sent. */
function sent(count: number): Promise<void> {
  let left = count
  return new Promise((resolve) => {
    told = () => {
      left -= 1
      if (left === 0) resolve()
    }
  })
}

async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (count * 1000) / (performance.now() - startedAt)
}

function postOf(body: Uint8Array<ArrayBuffer>): NewEntry {
  const content = new TextEncoder().encode(JSON.stringify({ method: "POST", url: "/x" }))
  return newEntry({ origin: "https://api.test", content, body })
}

/** What cannot be done without: claim, send, conclude; as many at once. */
async function bareLoop(store: Store, api: Steadfetch, entries: number): Promise<void> {
  const count = { left: entries, flying: 0 }
  let landed = Promise.withResolvers<void>()
  const fly = async ({ entry, lease }: Claimed): Promise<void> => {
    const { method, url } = JSON.parse(new TextDecoder().decode(entry.content)) as { method: string; url: string }
    const body = (await store.body(entry.id)) as Uint8Array<ArrayBuffer>
    const outcome = await api.request(method, url, { body, retry: false }).outcome()
    if (outcome.kind !== "success") throw new Error(outcome.kind)
    const result = new TextEncoder().encode(JSON.stringify({ status: outcome.status }))
    await store.conclude(lease, { at: Date.now(), state: "delivered", dueAt: entry.dueAt, tries: 1, result })
    count.left -= 1
    count.flying -= 1
    landed.resolve()
  }
  while (count.left > 0) {
    landed = Promise.withResolvers()
    const at = Date.now()
    const { claimed } = await store.claim({
      at,
      leaseUntil: at + 60_000,
      most: IN_FLIGHT - count.flying,
      room: () => IN_FLIGHT,
    })
    count.flying += claimed.length
    for (const each of claimed) void fly(each)
    if (count.left > 0) await landed.promise
  }
}
