/** Places many orders, four at a time, at a server that is sometimes busy; and stops when an order is wrong. */
import { serve } from "@hono/node-server"
import { Hono } from "hono"
import type { AddressInfo } from "node:net"
import { all, steadfetch } from "steadfetch"

let [underWay, most, requests] = [0, 0, 0]
const server = new Hono().post("/orders", async (c) => {
  most = Math.max(most, ++underWay)
  const { id, gears } = await c.req.json<{ id: number; gears: number }>()
  await new Promise((resolve) => setTimeout(resolve, 5))
  underWay--
  if (++requests % 7 === 0) return c.text("busy", 503, { "retry-after": "0" })
  return gears > 0 ? c.json({ order: id }, 201) : c.json({ detail: `order ${id} has no gears` }, 422)
})
const listener = serve({ fetch: server.fetch, hostname: "127.0.0.1", port: 0 })
await new Promise((resolve) => listener.once("listening", resolve))
const { port } = listener.address() as AddressInfo

const api = steadfetch({ baseUrl: `http://127.0.0.1:${port}` })
const orders = Array.from({ length: 40 }, (_, id) => ({ id, gears: 12 }))

const batch = await all(orders, (json) => api.post("/orders", { json }), {
  concurrency: 4,
  read: (reply) => reply.json<{ order: number }>(),
})
const inOrder = batch.ends.every((end) => end.kind === "success" && end.value.order === end.item.id)
console.log(`${batch.counts.success} orders placed, in order: ${inOrder}, never more than four at a time: ${most <= 4}`)

const wrong = orders.map((order) => ({ ...order, gears: order.id === 9 ? 0 : 12 }))
const { ends, counts } = await all(wrong, (json) => api.post("/orders", { json }), {
  concurrency: 1,
  stopWhen: ({ kind }) => kind === "client-error",
})
for (const end of ends) if (end.kind === "client-error") console.log(`stopped: ${end.error.serverMessage}`)
console.log(`${counts.success} placed, ${counts["not-sent"]} not sent`)

listener.close()
