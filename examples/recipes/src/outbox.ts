/** Payments that must happen: written down first, delivered through a restart of the API, and corrected where it refuses them. */
import { serve } from "@hono/node-server"
import { openOutbox, sqlite } from "@steadfetch/outbox"
import { Hono } from "hono"
import { mkdtemp, rm } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { steadfetch } from "steadfetch"

const keys = new Set<string | undefined>()
let requests = 0
const server = new Hono().post("/payments", async (c) => {
  requests += 1
  keys.add(c.req.header("idempotency-key"))
  if (requests <= 2) return c.text("restarting", 503)
  const { amount } = await c.req.json<{ amount: number }>()
  if (amount <= 0) return c.json({ message: "amount must be positive", code: "bad_amount" }, 422)
  return c.json({ payment: 7 }, 201)
})
const listener = serve({ fetch: server.fetch, hostname: "127.0.0.1", port: 0 })
await new Promise((resolve) => listener.once("listening", resolve))
const { port } = listener.address() as AddressInfo

const folder = await mkdtemp(join(tmpdir(), "outbox-"))
const api = steadfetch({ baseUrl: `http://127.0.0.1:${port}` })
const backoff = { baseMs: 20 }

// The first process writes down, and ends.
const first = await openOutbox({ api, store: sqlite(join(folder, "outbox.db")) })
const { id } = await first.post("/payments", { json: { amount: 500 }, key: "order-17" })
await first.close()
console.log("written down")

// Another one delivers: also what it did not write itself.
const outbox = await openOutbox({ api, store: sqlite(join(folder, "outbox.db")), backoff })
outbox.run()
const paid = await outbox.receipt(id).settled()
console.log(`${paid.state} after ${paid.tries} tries with ${keys.size} Idempotency-Key: ${paid.last?.body}`)

const again = await outbox.post("/payments", { json: { amount: 500 }, key: "order-17" })
console.log(again.isNew ? "paid twice" : "order-17 was written down before")

const wrong = await outbox.post("/payments", { json: { amount: -5 }, key: "order-18" })
const refused = await wrong.settled()
console.log(`${refused.state}: ${refused.last?.message} (${refused.last?.code})`)
await outbox.amend(wrong.id, { json: { amount: 5 } })
console.log((await wrong.settled()).state)

await outbox.close()
listener.close()
await rm(folder, { recursive: true })
