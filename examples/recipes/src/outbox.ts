/** Payments that must happen: written down first, delivered through a restart of the API, and corrected where it refuses them. */
import { openOutbox, sqlite } from "@steadfetch/outbox"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { steadfetch } from "steadfetch"
import { startPaymentsApi } from "./payments-api.ts"

const bank = await startPaymentsApi(2)
const folder = await mkdtemp(join(tmpdir(), "outbox-"))
const api = steadfetch({ baseUrl: bank.origin })
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
console.log(`${paid.state} after ${paid.tries} tries with ${bank.keys.size} Idempotency-Key: ${paid.last?.body}`)

const again = await outbox.post("/payments", { json: { amount: 500 }, key: "order-17" })
console.log(again.isNew ? "paid twice" : "order-17 was written down before")

const wrong = await outbox.post("/payments", { json: { amount: -5 }, key: "order-18" })
const refused = await wrong.settled()
console.log(`${refused.state}: ${refused.last?.message} (${refused.last?.code})`)
await outbox.amend(wrong.id, { json: { amount: 5 } })
console.log((await wrong.settled()).state)

await outbox.close()
bank.close()
await rm(folder, { recursive: true })
