// A program that knows nothing of steadfetch, and an API that has a bad day: the gateway between them does the rest.
import { serve } from "@hono/node-server"
import { startGateway } from "@steadfetch/gateway"
import { Hono } from "hono"

const seen = new Map<string, number>()
const api = new Hono()
  .get("/v1/users/:id", (c) => {
    const asked = (seen.get(c.req.path) ?? 0) + 1
    seen.set(c.req.path, asked)
    if (asked <= 2) return c.text("come back later", 503)
    return c.json({ id: Number(c.req.param("id")), token: c.req.header("authorization") === "Bearer for-the-api" })
  })
  .get("/v1/missing", (c) => c.json({ detail: "There is no such thing." }, 404))
const server = serve({ fetch: api.fetch, port: 0, hostname: "127.0.0.1" })
await new Promise((resolve) => server.once("listening", resolve))
const address = server.address()
const port = typeof address === "object" ? address?.port : undefined

const gateway = await startGateway(
  {
    listen: { port: 0 },
    admin: false,
    upstreams: {
      users: {
        prefix: "/users-api",
        url: `http://127.0.0.1:${port}/v1`,
        auth: { bearer: { env: "API_TOKEN" } },
        retry: { baseMs: 10 },
      },
    },
  },
  { env: { API_TOKEN: "for-the-api" } },
)
gateway.on("waiting", ({ attempt }) => console.log(`attempt ${attempt.number} got ${attempt.status}: waits`))

// Whatever has a base URL to set: curl, Python, a vendor's tool. Here it is plain fetch.
const reply = await fetch(`${gateway.origin}/users-api/users/7`)
console.log(reply.status, await reply.text())
console.log("attempts:", reply.headers.get("steadfetch-attempts"))

const missing = await fetch(`${gateway.origin}/users-api/missing`)
console.log(missing.status, missing.headers.get("steadfetch-verdict"), await missing.text())

const page = await fetch(gateway.origin, { headers: { origin: "https://evil.example" } })
console.log(page.status, "for a web page")

await gateway.close()
server.close()
