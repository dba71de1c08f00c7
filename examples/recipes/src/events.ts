/** Follows a feed through dropped connections, and reads an AI model's answer word by word. */
import { serve } from "@hono/node-server"
import { Hono } from "hono"
import { streamSSE } from "hono/streaming"
import { eventStreams, steadfetch } from "steadfetch"

const orders = ["paid", "packed", "sent", "delivered"]

const app = new Hono()
  .get("/orders/events", (context) => {
    // Goes on after what the client has, and drops the connection after two events.
    const after = Number(context.req.header("last-event-id") ?? 0)
    if (after === orders.length) return context.body(null, 204)
    return streamSSE(context, async (stream) => {
      for (const [index, data] of orders.slice(after, after + 2).entries())
        await stream.writeSSE({ event: "order", id: String(after + index + 1), data, retry: 10 })
    })
  })
  .post("/v1/chat/completions", (context) =>
    streamSSE(context, async (stream) => {
      for (const word of ["Steady ", "wins ", "the race."])
        await stream.writeSSE({ data: JSON.stringify({ choices: [{ delta: { content: word } }] }) })
      await stream.writeSSE({ data: "[DONE]" })
    }),
  )

const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" })
await new Promise((resolve) => server.once("listening", resolve))
const address = server.address()
const port = typeof address === "object" ? address?.port : undefined

const api = steadfetch({ baseUrl: `http://127.0.0.1:${port}`, abilities: [eventStreams] })

// GET: asked for again after every drop, with the id of the last event. 204 says that no more will come.
const feed = api.get("/orders/events").events({
  onReconnect: ({ lastEventId }) => console.log(`dropped, going on after event ${lastEventId}`),
})
for await (const { type, data, lastEventId } of feed) console.log(`${type} ${lastEventId}: ${data}`)

// POST: sent once, as each answer is paid for. One that ends without "[DONE]" would be an error.
interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content: string } }[]
}
let answer = ""
const question = { stream: true, messages: [{ role: "user", content: "Who wins?" }] }
for await (const event of api.post("/v1/chat/completions", { json: question }).events({ until: "[DONE]" }))
  answer += event.json<Chunk>().choices[0]?.delta.content ?? ""
console.log(answer)

server.close()
