/** Reads an export that is larger than memory should be, record by record, and a log until the right line. */
import { serve } from "@hono/node-server"
import { Hono } from "hono"
import { stream } from "hono/streaming"
import { lineStreams, steadfetch } from "steadfetch"

let exports = 0

const app = new Hono()
  .get("/users/export", (context) => {
    // Busy at first.
    if (++exports === 1) return context.text("come back in a moment", 503, { "retry-after": "0" })
    context.header("content-type", "application/x-ndjson")
    return stream(context, async (body) => {
      for (let id = 1; id <= 10_000; id++) await body.writeln(JSON.stringify({ id, active: id % 3 === 0 }))
    })
  })
  .get("/builds/7/log", (context) =>
    stream(context, async (body) => {
      for (let step = 1; !body.aborted; step++) {
        await body.writeln(step === 5 ? "error: no space left" : `step ${step} done`)
        await body.sleep(1)
      }
    }),
  )

const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" })
await new Promise((resolve) => server.once("listening", resolve))
const address = server.address()
const port = typeof address === "object" ? address?.port : undefined

const api = steadfetch({ baseUrl: `http://127.0.0.1:${port}`, abilities: [lineStreams] })

interface User {
  readonly id: number
  readonly active: boolean
}
let active = 0
for await (const user of api.get("/users/export").jsonLines<User>()) if (user.active) active++
console.log(`${active} active users, asked for ${exports} times`)

// The log has no end; leaving the loop ends the request.
for await (const line of api.get("/builds/{id}/log", { path: { id: 7 } }).lines()) {
  if (!line.startsWith("error")) continue
  console.log(line)
  break
}

server.close()
