/**
 * What a million waiting entries cost: adding and claiming with few and with many, an origin that is held back, many origins
 * and one long ordering key.
 *
 * `node --conditions=@steadfetch/source bench/outbox/scale.ts [entries]`
 */

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sqlite, type NewEntry, type SqliteStore } from "@steadfetch/outbox"

const [many = 1_000_000] = process.argv.slice(2).map(Number)
const ROUNDS = 200
const HELD = "https://held.example.com"
const OPEN = "https://open.example.com"

let last = 0
function entry(parts: Partial<NewEntry>): NewEntry {
  const now = Date.now()
  return {
    id: `${now.toString(16).padStart(12, "0")}-${(++last).toString(16).padStart(12, "0")}`,
    origin: OPEN,
    key: `order-${last}`,
    orderingKey: undefined,
    afterRejection: "hold",
    priority: 0,
    addedAt: now,
    dueAt: now,
    expiresAt: now + 86_400_000,
    content: new Uint8Array(200),
    body: new Uint8Array(200),
    ...parts,
  }
}

async function fill(store: SqliteStore, count: number, parts: (index: number) => Partial<NewEntry>): Promise<void> {
  for (let done = 0; done < count; done += 2000)
    await store.add(Array.from({ length: Math.min(2000, count - done) }, (_, index) => entry(parts(done + index))))
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0

/** Milliseconds of processor that one of these takes, the median of many: disks are slower when others use them. */
async function cost(work: () => Promise<unknown>): Promise<number> {
  const costs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    costs.push((user + system) / 1000)
  }
  return median(costs)
}

async function measure(store: SqliteStore, what: string): Promise<void> {
  const add = await cost(() => Promise.all(Array.from({ length: 64 }, () => store.add([entry({})]))))
  const claim = await cost(async () => {
    const at = Date.now()
    const room = (origin: string): number => (origin === HELD ? 0 : 8)
    const { claimed } = await store.claim({ at, leaseUntil: at + 3_600_000, most: 8, room })
    const end = { at, state: "delivered", dueAt: at, tries: 1, result: undefined } as const
    await Promise.all(claimed.map(({ lease }) => store.conclude(lease, end)))
  })
  const startedAt = performance.now()
  await store.counts()
  const counts = performance.now() - startedAt
  const { rss } = process.memoryUsage()
  process.stdout.write(`${what.padEnd(52)}${add.toFixed(2).padStart(10)}${claim.toFixed(2).padStart(12)}${counts.toFixed(2).padStart(10)}${(rss / 1e6).toFixed(0).padStart(10)}\n`) // prettier-ignore
}

async function scenario(what: string, prepare: (store: SqliteStore) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "outbox-bench-"))
  const store = sqlite(join(folder, "outbox.db"))
  await store.open()
  await fill(store, 1000, () => ({}))
  await prepare(store)
  await measure(store, what)
  await store.close()
  await rm(folder, { recursive: true })
}

process.stdout.write(`${"waiting".padEnd(52)}64 adds/ms  8 claims/ms counts/ms    rss/MB\n`)
const nothing = async (): Promise<void> => {}
await scenario("1,000", nothing)
await scenario(`${many} more that are due`, (store) => fill(store, many, () => ({})))
await scenario(`${many} of an origin that is held back`, (store) => fill(store, many, () => ({ origin: HELD })))
await scenario("1,000 origins with 10 each", (store) => fill(store, 10_000, (index) => ({ origin: `https://${index % 1000}.example.com` }))) // prettier-ignore
await scenario("100,000 of one ordering key", (store) => fill(store, 100_000, () => ({ orderingKey: "line", priority: 1 }))) // prettier-ignore
await scenario("1,000 again", nothing)
