/** Three receivers on loopback: one that listens, one that is in trouble, one that is gone. What the sender makes of them. */
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openWebhooks } from "./webhooks.ts"

const servers: Server[] = []

async function receiver(listener: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    // Its body is read before it is answered.
    request.resume().once("end", () => listener(request, response))
  })
  servers.push(server)
  await once(server.listen(0, "127.0.0.1"), "listening")
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`
}

let calls = 0
const urls = {
  crm: await receiver((_, response) => response.writeHead(204).end()),
  billing: await receiver((_, response) => {
    calls += 1
    if (calls <= 2) response.writeHead(503).end("the database is down")
    else response.writeHead(204).end()
  }),
  legacy: await receiver((_, response) => response.writeHead(410).end("we have moved")),
}

const folder = await mkdtemp(join(tmpdir(), "webhooks-"))
const webhooks = await openWebhooks({ folder, isLocal: true, backoff: { baseMs: 20 } })
for (const [id, url] of Object.entries(urls)) webhooks.add({ id, url })

const paid = { id: "evt_1", type: "invoice.paid", timestamp: "2026-11-30T08:00:00Z", data: { invoice: 17 } }
const receipts = await webhooks.publish(paid)
console.log(`${paid.id} is written down for ${receipts.length} receivers`)

await webhooks.run()
for (const receipt of receipts) {
  const { state, tries, last } = await receipt.settled()
  console.log(`${state} after ${tries} tries: ${last?.status} ${last?.message ?? ""}`.trimEnd())
}

await webhooks.close()

// The next process, which does not send. What is for the receiver that is gone is held.
const next = await openWebhooks({ folder, isLocal: true })
await next.publish({ ...paid, id: "evt_2" })
for (const { id, disabledBecause, waiting, parked } of await next.states()) {
  const standing = disabledBecause === undefined ? "enabled" : `disabled, as ${disabledBecause}`
  console.log(`${id} is ${standing}: ${waiting} waiting, ${parked} parked`)
}
await next.close()

for (const server of servers) server.close()
await rm(folder, { recursive: true })
