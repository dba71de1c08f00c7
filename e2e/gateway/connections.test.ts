import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { createServer, Agent, request, type IncomingMessage } from "node:http"
import { connect, type AddressInfo, type Socket } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { startSteadfetch } from "../cli/steadfetch-process.ts"
import { ask } from "./caller.ts"

const IDLE = 10_000
const BUSY = 1000
/** What else a process has open. */
const OTHERS = 200

/** Files that a process may have open; each connection is one, on this side and in the gateway's own process. */
const mostFiles = Number(
  execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim().replace("unlimited", "1000000"),
)

async function gatewayTo(url: string): Promise<string> {
  const running = startSteadfetch(["gateway", "--upstream", url, "--port", "0", "--admin-port", "none", "--quiet"])
  onTestFinished(() => running.signal("SIGKILL"))
  return /http:\/\/[\d.:]+/.exec(await running.wrote("stderr", "hands requests on"))?.[0] ?? ""
}

async function upstream(delayMs: number): Promise<string> {
  const server = createServer((_req, res) => void setTimeout(() => res.end("x"), delayMs)).listen({
    port: 0,
    backlog: 4096,
  })
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test(`${IDLE} connections without a request take nothing from the others`, async () => {
  expect(mostFiles, "ulimit -Hn: raise it").toBeGreaterThan(IDLE + OTHERS)
  const origin = await gatewayTo(await upstream(0))
  const { port } = new URL(origin)
  const sockets: Socket[] = []
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  while (sockets.length < IDLE) {
    const batch = Array.from({ length: 500 }, () => connect(Number(port), "127.0.0.1"))
    await Promise.all(batch.map((socket) => once(socket, "connect")))
    sockets.push(...batch)
  }
  const startedAt = performance.now()
  for (let count = 0; count < 100; count++) expect((await ask(origin)).status).toBe(200)
  expect((performance.now() - startedAt) / 100).toBeLessThan(100)
  expect(sockets.filter(({ destroyed }) => destroyed)).toHaveLength(0)
}, 60_000)

test(`${BUSY} requests at the same time are all answered`, async () => {
  expect(mostFiles, "ulimit -Hn: raise it").toBeGreaterThan(2 * BUSY + OTHERS)
  const origin = await gatewayTo(await upstream(500))
  const agent = new Agent({ keepAlive: true, maxSockets: BUSY })
  onTestFinished(() => agent.destroy())
  const one = async (): Promise<string> => {
    const req = request(origin, { agent }).end()
    const [res] = (await once(req, "response")) as [IncomingMessage]
    return `${res.statusCode} ${(await res.toArray()).join("")}`
  }
  for (let round = 0; round < 3; round++) {
    expect(new Set(await Promise.all(Array.from({ length: BUSY }, one)))).toEqual(new Set(["200 x"]))
  }
}, 60_000)
