/** Waits for an export that takes the server a while: 202, a status monitor, and at last the file. */
import { serve } from "@hono/node-server"
import { Hono } from "hono"
import type { AddressInfo } from "node:net"
import { OperationError, polling, steadfetch } from "steadfetch"

const answers = ["queued", "running", "running", "succeeded"]
const server = new Hono()
  .post("/exports", (c) => c.body(null, 202, { "operation-location": "/operations/7" }))
  .get("/operations/7", (c) => {
    const status = answers.shift()
    if (status === "running" && answers.length === 2) return c.text("restarting", 503, { "retry-after": "0" })
    return c.json({ status, resourceLocation: "/files/7" }, 200, { "retry-after": "0" })
  })
  .get("/files/7", (c) => c.json({ rows: 3 }))
  .post("/videos", (c) => c.body(null, 202, { location: "/videos/7" }))
  .get("/videos/7", (c) => c.json({ status: "failed", error: { code: "too_long", message: "The video is too long" } }))
const listener = serve({ fetch: server.fetch, hostname: "127.0.0.1", port: 0 })
await new Promise((resolve) => listener.once("listening", resolve))
const { port } = listener.address() as AddressInfo

const api = steadfetch({ baseUrl: `http://127.0.0.1:${port}`, abilities: [polling] })

const file = await api
  .post("/exports", { json: { year: 2026 } })
  .poll({ baseMs: 100, onProgress: ({ state }) => console.log(`it is ${state ?? "under way"}`) })
  .json<{ rows: number }>()
console.log(`the export has ${file.rows} rows`)

try {
  await api.post("/videos", { json: { hours: 30 } }).poll({ baseMs: 100 })
} catch (error) {
  if (!OperationError.is(error)) throw error
  console.log(`the video ${error.state}: ${error.serverMessage} (${error.code})`)
}

listener.close()
