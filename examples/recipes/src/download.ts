/** A large file over a connection that breaks: the download goes on where it stopped, and the file is checked. */
import { createHash } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { serve, type HttpBindings } from "@hono/node-server"
import { downloads, steadfetch } from "@steadfetch/node"
import { Hono } from "hono"

const file = Buffer.alloc(1_000_000, "all the orders of 2026\n")
const digest = `sha-256=:${createHash("sha256").update(file).digest("base64")}:`

/** The server's part: it knows ranges, and its first connection breaks after 300,000 bytes. */
let requests = 0
const app = new Hono<{ Bindings: HttpBindings }>().get("/orders.csv", (context) => {
  const from = Number(/^bytes=(\d+)-$/.exec(context.req.header("range") ?? "")?.[1] ?? 0)
  console.log(`server: ${context.req.header("range") === undefined ? "all of it" : "the rest"}, please`)
  const breaks = requests++ === 0
  if (breaks) setTimeout(() => context.env.outgoing.destroy(), 100)
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(file.subarray(from, breaks ? 300_000 : undefined))
      if (!breaks) controller.close()
    },
  })
  const headers = { etag: '"2026"', "content-length": String(file.length - from), "repr-digest": digest }
  if (from === 0) return context.body(body, 200, headers)
  return context.body(body, 206, { ...headers, "content-range": `bytes ${from}-${file.length - 1}/${file.length}` })
})
const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, async ({ port }) => {
  const directory = await mkdtemp(join(tmpdir(), "download-"))
  const api = steadfetch({ baseUrl: `http://127.0.0.1:${port}`, abilities: [downloads] })

  const done = await api.get("/orders.csv").download(directory, {
    onProgress: ({ transferredBytes, totalBytes }) => {
      if (transferredBytes === totalBytes) console.log(`progress: ${transferredBytes} of ${totalBytes} bytes`)
    },
  })

  console.log(`${done.path.slice(directory.length + 1)}: ${done.totalBytes} bytes in ${done.parts} parts`)
  console.log(`checked: ${done.verifiedDigests.join(", ")}`)

  await rm(directory, { recursive: true })
  await api.close()
  server.close()
})
