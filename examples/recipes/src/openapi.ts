/** An API typed by its OpenAPI document: what may be sent, and what comes back with which status. */
import { startOrdersApi } from "@steadfetch/example-orders-api"
import { openapi } from "@steadfetch/openapi"
// Written by: steadfetch generate openapi.json -o src/openapi.generated.ts
import { description } from "./openapi.generated.ts"

const server = await startOrdersApi()
// The document names its security scheme "bearer"; another name, or a token that is no text, does not compile.
const orders = openapi(description, { baseUrl: server.origin, auth: { bearer: server.tokens.ada.access } })

// The document says that this operation takes an Idempotency-Key: it has one, so the 502 is safe to retry, although the
// order was made before that.
const made = await orders.post("/orders", {
  json: { items: [{ sku: "TEA-250", quantity: 2, unitPriceCents: 450 }] },
  headers: { Trouble: "502;times=1;when=after" },
})
const order = await made.json()
console.log(`made after ${made.attempts.length} attempts: ${order.totalCents} cents, ${order.status}`)

/** Each status has the body that the document says; what it does not say does not compile. */
async function show(id: string): Promise<string> {
  const outcome = await orders.get("/orders/{id}", { path: { id } }).outcome()
  switch (outcome.status) {
    case 200:
      return (await outcome.json()).items.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(", ")
    case 404:
      return `no such order: ${outcome.error.body.detail}`
    case undefined:
      return `no reply: ${outcome.error.code}`
    default:
      return `another status: ${outcome.status}`
  }
}
console.log(await show(order.id))
console.log(await show("nothing"))

const all = await orders.get("/orders", { query: { limit: 10 } }).json()
console.log(`${all.length} order in all`)
await server.close()
