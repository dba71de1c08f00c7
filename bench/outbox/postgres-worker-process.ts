/** Claims and concludes entries, 32 in flight, until there are none; says when it is ready, starts when it is told. */

import { once } from "node:events"
import { postgres } from "@steadfetch/outbox/postgres"

const IN_FLIGHT = 32

const [connectionString = "", schema = ""] = process.argv.slice(2)
const store = postgres({ connectionString, schema })
await store.open()
process.send?.("ready")
await once(process, "message")

let done = 0
let free = IN_FLIGHT
let isOver = false
const result = new Uint8Array(300)

async function conclude(lease: { readonly id: string; readonly token: string }): Promise<void> {
  const at = Date.now()
  if (await store.conclude(lease, { at, state: "delivered", dueAt: at, tries: 1, result })) done++
  free++
}

const concluding = new Set<Promise<void>>()
while (!isOver) {
  const at = Date.now()
  const most = free
  const { claimed } = await store.claim({ at, leaseUntil: at + 60_000, most, room: () => most })
  free -= claimed.length
  isOver = claimed.length === 0 && concluding.size === 0
  for (const { lease } of claimed) {
    const one = conclude(lease).finally(() => concluding.delete(one))
    concluding.add(one)
  }
  if (concluding.size > 0) await Promise.race(concluding)
}
process.send?.(done)
await store.close()
process.disconnect()
