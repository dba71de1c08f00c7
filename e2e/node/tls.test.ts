import { once } from "node:events"
import { createServer, type Server, type ServerOptions } from "node:https"
import type { AddressInfo } from "node:net"
import type { TLSSocket } from "node:tls"
import { steadfetch, undiciTransport } from "@steadfetch/node"
import { beforeAll, expect, onTestFinished, test } from "vitest"
import { selfMade, type SelfMade } from "./self-made-certificates.ts"

let ours: SelfMade
let clients: SelfMade

beforeAll(async () => {
  ours = await selfMade("steadfetch server")
  clients = await selfMade("Ada")
})

/** A server that tells the name in the certificate of its client. */
async function serve(options: ServerOptions): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer({ ...ours, ...options }, (request, response) => {
    response.end(`hello ${String((request.socket as TLSSocket).getPeerCertificate().subject?.CN)}`)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test("a CA of one's own is given to the agent", async () => {
  const { origin } = await serve({})
  const api = steadfetch({ baseUrl: origin, transport: undiciTransport({ agent: { connect: { ca: ours.cert } } }) })
  expect(await api.get("/").text()).toBe("hello undefined")
})

test("so are a client's certificate and key", async () => {
  const { origin } = await serve({ requestCert: true, rejectUnauthorized: true, ca: clients.cert })
  const connect = { ca: ours.cert, cert: clients.cert, key: clients.key }
  const api = steadfetch({ baseUrl: origin, transport: undiciTransport({ agent: { connect } }) })
  expect(await api.get("/").text()).toBe("hello Ada")
})

test("a certificate that nobody vouches for ends the call at once, as a matter of TLS", async () => {
  const { server, origin } = await serve({})
  let connections = 0
  server.on("connection", () => connections++)
  const api = steadfetch({ baseUrl: origin, transport: undiciTransport({ agent: {} }) })
  const outcome = await api.get("/").outcome()
  expect(outcome).toMatchObject({ kind: "no-reply", error: { code: "tls" }, attempts: [{ failure: "tls" }] })
  expect(connections).toBe(1)
})

test("a certificate for another host does, too", async () => {
  const { origin } = await serve({})
  const connect = { ca: ours.cert, servername: "elsewhere.test" }
  const api = steadfetch({ baseUrl: origin, transport: undiciTransport({ agent: { connect } }) })
  const outcome = await api.get("/").outcome()
  expect(outcome).toMatchObject({ kind: "no-reply", error: { code: "tls" }, attempts: [{ failure: "tls" }] })
})

test("a client without the certificate that the server wants gets no reply, and nothing was processed", async () => {
  const { server, origin } = await serve({ requestCert: true, rejectUnauthorized: true, ca: clients.cert })
  let requests = 0
  server.on("request", () => requests++)
  const transport = undiciTransport({ agent: { connect: { ca: ours.cert } } })
  const outcome = await steadfetch({ baseUrl: origin, transport, retry: { attempts: 2, baseMs: 1 } })
    .get("/")
    .outcome()
  expect(outcome.kind === "no-reply" && outcome.error.code).toMatch(/^(tls|reset)$/)
  expect(requests).toBe(0)
})
