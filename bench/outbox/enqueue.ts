/**
 * How fast entries become durable, beside bare inserts of the same bytes by node:sqlite, in one run:
 *
 * `node --conditions=@steadfetch/source bench/outbox/enqueue.ts [rounds] [entries per round]`
 */

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sqlite, type NewEntry } from "@steadfetch/outbox"
import { median } from "../speed/statistics.ts"
import { newEntry } from "./new-entry.ts"
import { rawInserts } from "./raw-inserts.ts"

const [rounds = 5, perRound = 20_000] = process.argv.slice(2).map(Number)
const GROUPS = [1, 8, 64, 256]

let last = 0
const entry = (): NewEntry => newEntry({ key: `order-${++last}` })

type Insert = (entries: readonly NewEntry[]) => Promise<void> | void

async function perSecond(count: number, group: number, insert: Insert): Promise<number> {
  const startedAt = performance.now()
  for (let done = 0; done < count; done += group) await insert(Array.from({ length: group }, entry))
  return (count / (performance.now() - startedAt)) * 1000
}

const folder = await mkdtemp(join(tmpdir(), "outbox-bench-"))
const store = sqlite(join(folder, "outbox.db"))
await store.open()
{
  using bare = rawInserts(join(folder, "bare.db"))
  const add: Insert = async (entries) => void (await Promise.all(entries.map((one) => store.add([one]))))
  process.stdout.write("at once   bare inserts/s   outbox adds/s   ratio\n")
  for (const group of GROUPS) {
    const count = group === 1 ? Math.ceil(perRound / 10) : perRound
    const bareRates: number[] = []
    const rates: number[] = []
    for (let round = 0; round < rounds; round++) {
      bareRates.push(await perSecond(count, group, bare.insert))
      rates.push(await perSecond(count, group, add))
    }
    const [one, other] = [median(bareRates), median(rates)]
    process.stdout.write(`${String(group).padStart(7)}${one.toFixed(0).padStart(17)}${other.toFixed(0).padStart(16)}${(other / one).toFixed(2).padStart(8)}\n`) // prettier-ignore
  }
}
await store.close()
await rm(folder, { recursive: true })
