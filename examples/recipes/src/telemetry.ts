/** Traces calls with OpenTelemetry: a span per call, a span per attempt, and the server knows of which attempt it is a part. */
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { createAdaptorServer } from "@hono/node-server"
import { NodeSDK } from "@opentelemetry/sdk-node"
import { telemetry } from "@steadfetch/telemetry"
import { Hono } from "hono"
import { steadfetch } from "steadfetch"

// An API that is overloaded at first. It notes which span each request comes from.
const parents: (string | undefined)[] = []
const app = new Hono().get("/users/:id", (c) => {
  parents.push(c.req.header("traceparent")?.split("-")[2])
  return parents.length === 1 ? c.text("busy", 503, { "retry-after": "0" }) : c.json({ id: c.req.param("id") })
})
const server = createAdaptorServer(app).listen(0, "127.0.0.1")
await once(server, "listening")
const { port } = server.address() as AddressInfo

// Yours sends what it is given to a collector: new OTLPTraceExporter(). This one prints it.
const sdk = new NodeSDK({
  autoDetectResources: false,
  traceExporter: {
    export(spans, done) {
      for (const span of spans) {
        const told = ["http.response.status_code", "http.request.resend_count"].map((name) =>
          Number(span.attributes[name] ?? 0),
        )
        const isSeen = parents.includes(span.spanContext().spanId)
        console.log(`${span.name}: ${told.join(", resent ")}${isSeen ? ", seen by the server" : ""}`)
      }
      console.log(String(spans.at(-1)?.attributes["url.full"]).replace(/^.*(?=\/users)/, ""))
      done({ code: 0 })
    },
    shutdown: async () => {},
  },
})
sdk.start()

const api = steadfetch({ baseUrl: `http://127.0.0.1:${port}`, add: [telemetry()] })
await api.get("/users/{id}", { path: { id: 7 }, query: { access_token: "s3cret" } }).json()

await sdk.shutdown()
server.close()
