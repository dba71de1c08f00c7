/** Takes and delivers entries of a Redis until it has found none for a while. Arguments: socket, prefix. */

import { once } from "node:events"
import { redis } from "@steadfetch/outbox/redis"

const [path = "", prefix = ""] = process.argv.slice(2)
const AT_ONCE = 32
const store = redis(path, { prefix })
await store.open()
process.stdout.write("ready\n")
await once(process.stdin, "data")

let done = 0
let lastAt = performance.now()
while (performance.now() - lastAt < 1000) {
  const at = Date.now()
  const { claimed } = await store.claim({ at, leaseUntil: at + 60_000, most: AT_ONCE, room: () => AT_ONCE })
  await Promise.all(
    claimed.map(({ lease }) =>
      store.conclude(lease, { at: Date.now(), state: "delivered", dueAt: at, tries: 1, result: undefined }),
    ),
  )
  done += claimed.length
  if (claimed.length > 0) lastAt = performance.now()
}
process.stdout.write(`${JSON.stringify({ done, lastAt: performance.timeOrigin + lastAt })}\n`)
await store.close()
process.exit()
