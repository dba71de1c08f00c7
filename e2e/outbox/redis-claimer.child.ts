import { redisBacking } from "./redis-backing.ts"

/** Takes entries of a Redis with short leases, tells of each, and delivers every second one. */
const [path = "", prefix = ""] = process.argv.slice(2)
const store = await redisBacking({ path }, { prefix }).open()
for (let count = 0; ;) {
  const at = Date.now()
  for (const { entry, lease } of (await store.claim({ at, leaseUntil: at + 1000, most: 3, room: () => 3 })).claimed) {
    process.stdout.write(`taken ${entry.id}\n`)
    if (count++ % 2 === 1) continue
    await store.conclude(lease, { at: Date.now(), state: "delivered", dueAt: at, tries: 1, result: undefined })
    process.stdout.write(`delivered ${entry.id}\n`)
  }
}
