import { createInterface } from "node:readline"
import { sqlite, type NewEntry } from "@steadfetch/outbox"

/**
 * Uses the store whose path it is given, and tells on standard output what was acknowledged: `added ID`, `taken ID`.
 * The second argument says what it does: `add` without end, or `claim` until nothing is left.
 */
const [path = "", task = "", name = ""] = process.argv.slice(2)
const store = sqlite(path)
await store.open()

const tell = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

let count = 0
function entry(): NewEntry {
  const now = Date.now()
  const id = `${now.toString(16).padStart(12, "0")}-${name}-${String(++count).padStart(8, "0")}`
  return {
    id,
    origin: "https://api.example.com",
    key: id,
    orderingKey: count % 5 === 0 ? `line ${count % 20}` : undefined,
    afterRejection: "hold",
    priority: 0,
    addedAt: now,
    dueAt: now,
    expiresAt: now + 86_400_000,
    content: new Uint8Array(500).fill(count),
    // Some are files of their own.
    body: new Uint8Array(count % 50 === 0 ? 100_000 : 1000).fill(count),
  }
}

async function addWithoutEnd(): Promise<void> {
  for (;;) {
    const [added] = await store.add([entry()])
    tell(`added ${added?.entry.id}`)
  }
}

async function claimAll(): Promise<void> {
  for (;;) {
    const at = Date.now()
    const { claimed } = await store.claim({ at, leaseUntil: at + 3_600_000, most: 7, room: () => 100 })
    if (claimed.length === 0) break
    for (const one of claimed) tell(`taken ${one.entry.id}`)
    const end = { at, state: "delivered", dueAt: at, tries: 1, result: undefined } as const
    await Promise.all(claimed.map((one) => store.conclude(one.lease, end)))
  }
  await store.close()
}

tell("ready")
if (task === "add") await Promise.all(Array.from({ length: 16 }, addWithoutEnd))
if (task === "claim") {
  // All begin at the same time.
  for await (const _ of createInterface({ input: process.stdin })) break
  await claimAll()
}
