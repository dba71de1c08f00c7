import { once } from "node:events"
import { createServer } from "node:http"
import { mkdtemp, rm } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { endless, json, refusedPort, reset, stall, startFaultServer, status } from "@steadfetch/testing/fault-server"
import { steadfetch, undiciTransport, type ClientOptions } from "@steadfetch/node"
import type { Agent } from "undici"
import { describe, expect, onTestFinished, test } from "vitest"

function client(baseUrl: string, agent: Agent.Options = {}, more: ClientOptions = {}) {
  const transport = undiciTransport({ agent })
  onTestFinished(() => transport.close())
  return steadfetch({ baseUrl, transport, retry: { baseMs: 1, capMs: 1 }, ...more })
}

test("calls one after the other keep using the same connections, also after errors", async () => {
  await using server = await startFaultServer({
    "/": { steps: [json(200, 1), status(404), status(204), status(503), json(200, 2)], then: "repeat" },
  })
  const api = client(server.origin)
  for (let call = 0; call < 20; call++) await api.get("/").outcome()
  // undici takes a second one while the first settles.
  expect(server.totalConnections).toBeLessThanOrEqual(2)
})

test("a thousand calls at once are answered, over as many connections as the agent allows", async () => {
  await using server = await startFaultServer({ "/": json(200, { fine: true }) })
  const api = client(server.origin, { connections: 50 })
  const bodies = await Promise.all(Array.from({ length: 1000 }, () => api.get("/").json()))
  expect(bodies).toEqual(Array.from({ length: 1000 }, () => ({ fine: true })))
  expect(server.totalConnections).toBeLessThanOrEqual(50)
})

test("with pipelining, a request does not wait for the end of the reply before it", async () => {
  let connections = 0
  const server = createServer((request, response) => {
    // The first reply ends when the second request has come.
    if (request.url === "/2") server.emit("second")
    else server.once("second", () => response.end())
    response.write(String(request.url))
    if (request.url === "/2") response.end()
  })
  server.on("connection", () => connections++)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const api = client(`http://127.0.0.1:${port}`, { pipelining: 5, connections: 1 })
  expect(await Promise.all(["/1", "/2"].map((path) => api.get(path).text()))).toEqual(["/1", "/2"])
  expect(connections).toBe(1)
  await api.close()
})

test("a unix socket is given to the agent", async () => {
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-socket-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  const socketPath = join(folder, "api.sock")
  const server = createServer((request, response) => response.end(`${request.headers.host}${request.url}`))
  server.listen(socketPath)
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const api = client("http://docker.test", { connect: { socketPath } })
  expect(await api.get("/containers").text()).toBe("docker.test/containers")
})

describe("with one connection a retry does not deadlock", () => {
  test.each([
    ["a short page", status(503, { body: "busy" })],
    ["a page without end", { ...endless(), status: 503 }],
  ])("after %s, streaming", async (_, busy) => {
    await using server = await startFaultServer({ "/": [busy, json(200, { n: 2 })] })
    const outcome = await client(server.origin, { connections: 1 }).get("/").outcome({ reading: "stream" })
    expect(outcome.kind === "success" && (await outcome.json())).toEqual({ n: 2 })
  })
})

describe("a POST without a key", () => {
  const options = { body: "x", idempotencyKey: false } as const

  test("is repeated when the connection was refused: it never reached the server", async () => {
    await using port = await refusedPort()
    const outcome = await client(port.origin, {}, { retry: { attempts: 3, baseMs: 1 } })
      .post("/", options)
      .outcome()
    expect(outcome.attempts.map(({ failure }) => failure)).toEqual(["refused", "refused", "refused"])
  })

  test("is repeated when there is no such host", async () => {
    const lookup = (_host: string, _options: object, done: (error: Error, address: string) => void): void =>
      done(Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" }), "")
    const api = client("http://nowhere.test", { connect: { lookup } }, { retry: { attempts: 2, baseMs: 1 } })
    const outcome = await api.post("/", options).outcome()
    expect(outcome.attempts.map(({ failure }) => failure)).toEqual(["dns", "dns"])
  })

  test.each([
    ["reset after it was written", reset("before-headers")],
    ["reset in mid-reply", reset({ afterBytes: 5 })],
  ])("is not repeated when it was %s: it may have been processed", async (_, step) => {
    await using server = await startFaultServer({ "/": step })
    const outcome = await client(server.origin).post("/", options).outcome()
    expect(outcome).toMatchObject({ kind: "no-reply", attempts: [{ number: 1 }] })
    expect(server.requests).toHaveLength(1)
  })
})

/** What an abort may take on a loaded machine; on others it takes less than a millisecond. */
const AT_ONCE_MS = 100

describe("an abort ends a call at once with its reason, while", () => {
  test("a connection is being made", async () => {
    const connecting = Promise.withResolvers<() => void>()
    const connect: Agent.Options["connect"] = (_options, done) =>
      connecting.resolve(() => done(new Error("given up"), null))
    const api = client("http://slow.test", { connect })
    await expectAbort(connecting.promise, (signal) => api.get("/", { signal }).json())
    const giveUp = await connecting.promise
    giveUp()
  })

  test.each([
    ["waiting for the reply", stall("before-headers")],
    ["reading", stall({ afterBytes: 10 })],
  ])("%s", async (_, step) => {
    await using server = await startFaultServer({ "/": step })
    const api = client(server.origin)
    await expectAbort(server.received(1), (signal) => api.get("/", { signal }).json())
    await server.allClosed()
  })
})

async function expectAbort(moment: Promise<unknown>, call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const controller = new AbortController()
  const reason = { exactly: "this" }
  const over = call(controller.signal).catch((error: unknown) => error)
  await moment
  const since = performance.now()
  controller.abort(reason)
  expect(await over).toBe(reason)
  expect(performance.now() - since).toBeLessThan(AT_ONCE_MS)
}
