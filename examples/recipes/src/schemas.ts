/** Checks what arrives and what is sent against schemas: what the types promise is what there is. */
import { serve } from "@hono/node-server"
import { Hono } from "hono"
import type { AddressInfo } from "node:net"
import { BodyError, ConfigurationError, steadfetch } from "steadfetch"
import { z } from "zod"

const server = new Hono()
  .get("/users/7", (c) => c.json({ id: 7, name: "Ada", born: "1815-12-10" }))
  .get("/users/8", (c) => c.json({ id: "8", name: null, born: "1906-12-09" }))
  .post("/users", async (c) => c.json(await c.req.json(), 201))
const listener = serve({ fetch: server.fetch, hostname: "127.0.0.1", port: 0 })
await new Promise((resolve) => listener.once("listening", resolve))
const { port } = listener.address() as AddressInfo

const User = z.object({ id: z.number(), name: z.string(), born: z.coerce.date() })
const Draft = z.object({ name: z.string().trim().min(1), born: z.date().transform((date) => date.toISOString()) })

const api = steadfetch({ baseUrl: `http://127.0.0.1:${port}` })

const ada = await api.get("/users/{id}", { path: { id: 7 } }).json(User)
console.log(`${ada.name} was born in ${ada.born.getUTCFullYear()}`)

try {
  await api.get("/users/{id}", { path: { id: 8 } }).json(User)
} catch (error) {
  if (!BodyError.is(error)) throw error
  console.log(`the reply is wrong at ${error.issues?.map(({ path }) => path).join(" and ")}`)
}

const sent = await api.post("/users", { json: { name: " Grace ", born: new Date(0) }, requestSchema: Draft }).json()
console.log(`sent as ${JSON.stringify(sent)}`)

try {
  await api.post("/users", { json: { name: " ", born: new Date(0) }, requestSchema: Draft })
} catch (error) {
  if (!ConfigurationError.is(error)) throw error
  console.log(`not sent: wrong at ${error.issues?.map(({ path }) => path).join(" and ")}`)
}

listener.close()
