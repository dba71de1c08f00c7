import { sqlite, type NewEntry } from "@steadfetch/outbox"
import { systemRuntime } from "steadfetch"
import { SqliteFile } from "../../packages/outbox/src/sqlite/sqlite-file.ts"

/**
 * Adds entries to the store whose path it is given until that fails, and prints as JSON how many it has acknowledged and
 * what it was told. Root writes wherever it likes: a user id makes it another user first. A third argument
 * plays a full disk where none can be had.
 */
const [path = "", user = "", maxBytes = ""] = process.argv.slice(2)
if (user !== "") {
  process.setgroups?.([])
  process.setgid?.(Number(user))
  process.setuid?.(Number(user))
}

function entry(index: number, body: NewEntry["body"]): NewEntry {
  const id = `id-${String(index).padStart(6, "0")}`
  const parts = {
    origin: "https://api.example.com",
    key: undefined,
    orderingKey: undefined,
    afterRejection: "hold",
  } as const
  return { ...parts, id, priority: 0, addedAt: 1, dueAt: 1, expiresAt: 9e12, content: new Uint8Array(2000), body }
}

const store = maxBytes === "" ? sqlite(path) : new SqliteFile(path, { ...systemRuntime(), maxBytes: Number(maxBytes) })
const acknowledged: string[] = []
let failure: unknown
try {
  await store.open()
  for (let index = 0; index < 10_000; index++) {
    const body = index % 10 === 0 ? new Uint8Array(70_000) : undefined
    const [added] = await store.add([entry(index, body)])
    acknowledged.push(added?.entry.id ?? "")
  }
} catch (error) {
  const { name, code, message } = error as Error & { code?: string }
  failure = { name, code, message }
}
const problems = acknowledged.length === 0 ? [] : await store.check()
const there = acknowledged.length === 0 ? 0 : (await store.list({ limit: 20_000 })).length
await store.close()
process.stdout.write(JSON.stringify({ acknowledged: acknowledged.length, there, problems, failure }))
