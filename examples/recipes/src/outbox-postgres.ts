/**
 * An order and its payment, both or neither: the payment is written down in the order's own transaction, and delivered through an
 * outage. Needs a PostgreSQL: DATABASE_URL=postgresql://user@host/database.
 */
import { openOutbox } from "@steadfetch/outbox"
import { postgres } from "@steadfetch/outbox/postgres"
import { Pool } from "pg"
import { steadfetch } from "steadfetch"
import { startPaymentsApi } from "./payments-api.ts"

const connectionString = process.env["DATABASE_URL"]
if (connectionString === undefined) throw new Error("set DATABASE_URL to where your PostgreSQL is")
const pool = new Pool({ connectionString })
await pool.query("CREATE TABLE IF NOT EXISTS orders (id integer PRIMARY KEY, amount integer)")

const bank = await startPaymentsApi(2)
const api = steadfetch({ baseUrl: bank.origin })
const outbox = await openOutbox({ api, store: postgres({ connectionString }), backoff: { baseMs: 20 } })

/** The order and the call that pays it: nobody ever sees one without the other. */
async function order(id: number, amount: number, end: "COMMIT" | "ROLLBACK"): Promise<string> {
  const client = await pool.connect()
  try {
    await client.query("BEGIN")
    await client.query("INSERT INTO orders VALUES ($1, $2)", [id, amount])
    const receipt = await outbox.in(client).post("/payments", { json: { amount }, key: `order-${id}` })
    await client.query(end)
    return receipt.id
  } finally {
    client.release()
  }
}

await order(16, 900, "ROLLBACK")
console.log((await outbox.find("order-16")) === undefined ? "rolled back: no payment" : "paid for nothing")

const id = await order(17, 500, "COMMIT")
console.log("committed:", (await outbox.entry(id))?.state)

// Any number of processes, on any machines, may do this.
outbox.run()
const paid = await outbox.receipt(id).settled()
console.log(`${paid.state} after ${paid.tries} tries with ${bank.keys.size} Idempotency-Key: ${paid.last?.body}`)

const wrong = outbox.receipt(await order(18, -5, "COMMIT"))
const refused = await wrong.settled()
console.log(`${refused.state}: ${refused.last?.message} (${refused.last?.code})`)
await outbox.amend(wrong.id, { json: { amount: 5 } })
console.log((await wrong.settled()).state)

await outbox.close()
await pool.end()
bank.close()
