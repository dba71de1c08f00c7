/**
 * Payments written down in Redis, by one process, and delivered by another through an outage. Needs a Redis with an append-only file
 * and without eviction: REDIS_URL=redis://localhost:6379, or the path of its socket.
 */
import { openOutbox } from "@steadfetch/outbox"
import { redis } from "@steadfetch/outbox/redis"
import { steadfetch } from "steadfetch"
import { startPaymentsApi } from "./payments-api.ts"

const address = process.env["REDIS_URL"]
if (address === undefined) throw new Error("set REDIS_URL to where your Redis is")

const bank = await startPaymentsApi(2)
const api = steadfetch({ baseUrl: bank.origin })

// Two outboxes on the same Redis: they could be on two machines.
const shop = await openOutbox({ api, store: redis(address) })
const worker = await openOutbox({ api, store: redis(address), backoff: { baseMs: 20 } })

const receipt = await shop.post("/payments", { json: { amount: 500 }, key: "order-17" })
console.log("written down")

worker.run()
const paid = await receipt.settled()
console.log(`${paid.state} after ${paid.tries} tries with ${bank.keys.size} Idempotency-Key: ${paid.last?.body}`)

const again = await shop.post("/payments", { json: { amount: 500 }, key: "order-17" })
console.log(again.isNew ? "paid twice" : "order-17 was written down before")

const wrong = await shop.post("/payments", { json: { amount: -5 }, key: "order-18" })
const refused = await wrong.settled()
console.log(`${refused.state}: ${refused.last?.message} (${refused.last?.code})`)
await shop.amend(wrong.id, { json: { amount: 5 } })
console.log((await wrong.settled()).state)

await worker.close()
await shop.close()
bank.close()
