/** Reads a long list page by page from a server that falters, and goes on where an earlier run had to stop. */
import { serve } from "@hono/node-server"
import { Hono } from "hono"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { paging, ServerError, steadfetch } from "steadfetch"

interface User {
  readonly id: number
  readonly name: string
}

const names = ["Ada", "Grace", "Edith", "Mary", "Hedy"]

// Two users per page, and the next page in a Link field, as GitHub does. Page 2 fails once, page 3 until the repair.
let requests = 0
let isRepaired = false
const app = new Hono().get("/users", (c) => {
  requests++
  const page = Number(c.req.query("page") ?? 1)
  if (page === 2 && requests === 2) return c.text("busy", 503)
  if (page === 3 && !isRepaired) return c.json({ message: "the index is being rebuilt" }, 503)
  if (page < 3) c.header("link", `</users?page=${page + 1}>; rel="next"`)
  return c.json(names.slice((page - 1) * 2, page * 2).map((name, index) => ({ id: page * 10 + index, name })))
})
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 })
if (!server.listening) await once(server, "listening")
const { port } = server.address() as AddressInfo

const api = steadfetch({ baseUrl: `http://127.0.0.1:${port}`, abilities: [paging], retry: { attempts: 3, baseMs: 10 } })

// Page 2 is retried. Page 3 ends the list, after the users before it were handed over.
const pages = api.get("/users").pages()
try {
  for await (const user of pages.items<User>()) console.log(user.name)
} catch (error) {
  if (!ServerError.is(error)) throw error
  console.log(`stopped after ${error.attempts.length} attempts: ${error.serverMessage}`)
}

// A text, to be kept wherever you like: later, or elsewhere, the list goes on with the page that failed.
const cursor = pages.resumeAt
isRepaired = true
for await (const user of api.get("/users").pages({ from: cursor }).items<User>()) console.log(user.name)
console.log(`${requests} requests`)

await api.close()
server.close()
