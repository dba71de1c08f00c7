import { once } from "node:events"
import { createServer, request as forward, type IncomingMessage } from "node:http"
import { connect, type AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { fieldValue, refusedPort, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { steadfetch, undiciTransport } from "@steadfetch/node"
import { EnvHttpProxyAgent, ProxyAgent } from "undici"
import { expect, onTestFinished, test } from "vitest"

interface Proxy {
  readonly origin: string
  /** What it was asked for. */
  readonly asked: string[]
}

/** A proxy that forwards and tunnels; with `refusals` it answers the first CONNECTs with these. */
async function startProxy(refusals: number[] = []): Promise<Proxy> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const onward = forward(String(request.url), { method: request.method, headers: request.headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 500, reply.headers)
      reply.pipe(response)
    })
    request.pipe(onward)
  })
  server.on("connect", (request: IncomingMessage, socket: Duplex) => {
    asked.push(`CONNECT ${request.url}`)
    const refusal = refusals.shift()
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    const onward = connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n")
      onward.pipe(socket).pipe(onward)
    })
    for (const end of [socket, onward]) end.on("error", () => void (socket.destroy(), onward.destroy()))
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

test.each([
  ["a ProxyAgent forwards", (uri: string) => new ProxyAgent(uri), "POST"],
  ["a ProxyAgent with proxyTunnel tunnels", (uri: string) => new ProxyAgent({ uri, proxyTunnel: true }), "CONNECT"],
  ["an EnvHttpProxyAgent forwards", (uri: string) => new EnvHttpProxyAgent({ httpProxy: uri, noProxy: "" }), "POST"],
])("%s", async (_, make, asked) => {
  await using server = await startFaultServer({ "/": status(201, { body: "made" }) })
  const proxy = await startProxy()
  const dispatcher = make(proxy.origin)
  onTestFinished(() => dispatcher.destroy())
  const api = steadfetch({ baseUrl: server.origin, transport: undiciTransport({ dispatcher }) })
  expect(await api.post("/", { body: "words", headers: { "x-own": "1" } }).text()).toBe("made")
  expect(proxy.asked).toHaveLength(1)
  expect(proxy.asked[0]).toMatch(new RegExp(`^${asked} `))
  const [request] = server.requests
  expect(Buffer.from(request?.body.kept ?? []).toString()).toBe("words")
  expect(fieldValue(request?.headers ?? [], "x-own")).toBe("1")
})

test("an EnvHttpProxyAgent goes around the proxy for the hosts that are excepted", async () => {
  await using server = await startFaultServer({ "/": status(200, { body: "direct" }) })
  const proxy = await startProxy()
  const dispatcher = new EnvHttpProxyAgent({ httpProxy: proxy.origin, noProxy: "127.0.0.1" })
  onTestFinished(() => dispatcher.destroy())
  const api = steadfetch({ baseUrl: server.origin, transport: undiciTransport({ dispatcher }) })
  expect(await api.get("/").text()).toBe("direct")
  expect(proxy.asked).toEqual([])
})

test("a proxy that cannot tunnel just now is asked again, also for a POST without a key: nothing was processed", async () => {
  await using server = await startFaultServer({ "/": status(201, { body: "made" }) })
  const dispatcher = new ProxyAgent({ uri: (await startProxy([503, 502])).origin, proxyTunnel: true })
  onTestFinished(() => dispatcher.destroy())
  const transport = undiciTransport({ dispatcher })
  const api = steadfetch({ baseUrl: server.origin, transport, retry: { baseMs: 1, capMs: 1 } })
  const reply = await api.post("/", { body: "words", idempotencyKey: false })
  expect(reply.attempts.map(({ failure, status }) => failure ?? status)).toEqual(["refused", "refused", 201])
  expect(server.requests).toHaveLength(1)
})

test("a proxy that wants other credentials is asked once", async () => {
  await using server = await startFaultServer({ "/": status(200) })
  const dispatcher = new ProxyAgent({ uri: (await startProxy([407])).origin, proxyTunnel: true })
  onTestFinished(() => dispatcher.destroy())
  const outcome = await steadfetch({ baseUrl: server.origin, transport: undiciTransport({ dispatcher }) })
    .get("/")
    .outcome()
  expect(outcome).toMatchObject({ kind: "no-reply", error: { code: "refused" }, attempts: [{ failure: "refused" }] })
  expect(outcome.kind === "no-reply" && outcome.error.message).toContain("the proxy answered CONNECT with 407")
})

test("a proxy that is not there is a refused connection", async () => {
  await using port = await refusedPort()
  const dispatcher = new ProxyAgent(port.origin)
  onTestFinished(() => dispatcher.destroy())
  const transport = undiciTransport({ dispatcher })
  const outcome = await steadfetch({ transport, retry: false }).get("http://127.0.0.1:9/").outcome()
  expect(outcome).toMatchObject({ kind: "no-reply", error: { code: "refused" } })
})
