import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sqlite, type NewEntry, type SqliteStore } from "@steadfetch/outbox"
import { median } from "../speed/statistics.ts"
import { newEntry } from "./new-entry.ts"

/** What an outbox costs in which many entries wait. */
export interface Scale {
  readonly what: string
  /** Milliseconds of processor: 64 entries that are added at once; 8 that are taken and concluded. */
  readonly addMs: number
  readonly claimMs: number
  /** Resident memory of the process while a tenth of them was there, and when all were. */
  readonly megabytesBefore: number
  readonly megabytes: number
}

const HELD = "https://held.example.com"
const OPEN = "https://open.example.com"

/** How many there are beside a thousand that are due, and what kind they are of. */
interface Waiting {
  readonly what: string
  readonly count: number
  readonly parts: (index: number) => Partial<NewEntry>
}

const waitings = (many: number): readonly Waiting[] => [
  { what: "1,000 that are due", count: 0, parts: () => ({}) },
  { what: `${many.toLocaleString("en")} that are due`, count: many, parts: () => ({}) },
  { what: `${many.toLocaleString("en")} of an origin that is held back`, count: many, parts: () => ({ origin: HELD }) },
  { what: `${(many / 100).toLocaleString("en")} of 1,000 origins`, count: many / 100, parts: (index) => ({ origin: `https://${index % 1000}.example.com` }) },
  { what: `${(many / 10).toLocaleString("en")} of one ordering key`, count: many / 10, parts: () => ({ orderingKey: "line", priority: 1 }) },
] // prettier-ignore

/** Measures all of them in turn, round by round. The first one has next to nothing that waits. */
export async function measureScale(many: number, rounds: number): Promise<readonly Scale[]> {
  const folder = await mkdtemp(join(tmpdir(), "outbox-bench-"))
  const stores = []
  for (const [index, waiting] of waitings(many).entries()) {
    const store = sqlite(join(folder, `${index}.db`))
    await store.open()
    await fill(store, 1000, () => ({}))
    await fill(store, waiting.count / 10, waiting.parts)
    const megabytesBefore = megabytes()
    await fill(store, waiting.count * 0.9, waiting.parts)
    stores.push({ store, what: waiting.what, megabytesBefore, megabytes: megabytes(), addMs: [] as number[], claimMs: [] as number[] }) // prettier-ignore
  }
  for (let round = 0; round < rounds; round++) {
    for (const { store, addMs, claimMs } of stores) {
      addMs.push(await processorMs(() => Promise.all(Array.from({ length: 64 }, () => store.add([entry({})])))))
      claimMs.push(await processorMs(() => takeAndConclude(store)))
    }
  }
  for (const { store } of stores) await store.close()
  await rm(folder, { recursive: true })
  return stores.map(({ what, megabytesBefore, megabytes: after, addMs, claimMs }) => ({
    what,
    megabytesBefore,
    megabytes: after,
    addMs: median(addMs),
    claimMs: median(claimMs),
  }))
}

const megabytes = (): number => process.memoryUsage().rss / 1e6

let last = 0
const small = new Uint8Array(200)
const entry = (parts: Partial<NewEntry>): NewEntry =>
  newEntry({ origin: OPEN, key: `order-${++last}`, content: small, body: small, ...parts })

async function fill(store: SqliteStore, count: number, parts: (index: number) => Partial<NewEntry>): Promise<void> {
  for (let done = 0; done < count; done += 2000)
    await store.add(Array.from({ length: Math.min(2000, count - done) }, (_, index) => entry(parts(done + index))))
}

/** Of the processor, as disks are slower when others use them. */
async function processorMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

async function takeAndConclude(store: SqliteStore): Promise<void> {
  const at = Date.now()
  const room = (origin: string): number => (origin === HELD ? 0 : 8)
  const { claimed } = await store.claim({ at, leaseUntil: at + 3_600_000, most: 8, room })
  const end = { at, state: "delivered", dueAt: at, tries: 1, result: undefined } as const
  await Promise.all(claimed.map(({ lease }) => store.conclude(lease, end)))
}
