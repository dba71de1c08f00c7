// A program whose calls can be watched: one line. `steadfetch watch` shows them in the browser, before, during and after.
import { serve } from "@hono/node-server"
import { watch } from "@steadfetch/watch"
import { Hono } from "hono"
import { steadfetch } from "steadfetch"

let asked = 0
const server = serve({
  fetch: new Hono()
    .get("/users/:id", (c) => {
      asked += 1
      if (asked === 1) return c.json({ detail: "Down for maintenance." }, 503)
      return c.json({ id: Number(c.req.param("id")) })
    })
    .get("/orders/:id", (c) => c.json({ detail: "There is no such order." }, 404)).fetch,
  port: 0,
  hostname: "127.0.0.1",
})
await new Promise((resolve) => server.once("listening", resolve))
const address = server.address()
const port = typeof address === "object" ? address?.port : undefined

const api = steadfetch({ baseUrl: `http://127.0.0.1:${port}`, retry: { baseMs: 10 } })
const watching = watch(api, { name: "recipe" })

await api.get("/users/7").json()
await api.get("/orders/7").outcome()

// The page has all of this, and it is there for programs, too.
for (const { method, url, attempts, verdict } of watching.picture.calls) {
  const story = attempts.map(({ status, said }) => (said === undefined ? status : `${status} "${said}"`)).join(", ")
  console.log(`${method} ${new URL(url).pathname}: ${story}: ${verdict}`)
}

watching.stop()
server.close()
