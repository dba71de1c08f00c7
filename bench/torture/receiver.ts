import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"

/** What came in of one request, however often it was sent. */
export interface Received {
  readonly name: string
  times: number
  /** The Idempotency-Keys that it came with. */
  readonly keys: Set<string>
  /** Whether every time all of it came. */
  isWhole: boolean
}

/** A server that accepts everything, and writes down what comes in, by its name, in the order in which it first came. */
export interface Receiver extends AsyncDisposable {
  readonly baseUrl: string
  readonly received: ReadonlyMap<string, Received>
}

/** A reply takes up to so long, so that requests are under way when a worker is killed. */
const SLOWEST_MS = 20

export async function receiver(random: () => number): Promise<Receiver> {
  const received = new Map<string, Received>()
  const server = createServer(async (request, reply) => {
    // Undefined when it was broken off, as its sender was killed.
    const body = await bodyOf(request).catch(() => undefined)
    if (body === undefined) return
    note(received, body, request.headers["idempotency-key"])
    setTimeout(() => reply.writeHead(204).end(), random() * SLOWEST_MS)
  })
  server.listen(0, "127.0.0.1")
  await new Promise((resolve) => server.once("listening", resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of request) pieces.push(piece as Uint8Array)
  return Buffer.concat(pieces).toString()
}

function note(received: Map<string, Received>, body: string, key: string | string[] | undefined): void {
  const { name, text, bytes } = JSON.parse(body) as { name: string; text: string; bytes: number }
  const one = received.get(name) ?? { name, times: 0, keys: new Set<string>(), isWhole: true }
  received.set(name, one)
  one.times += 1
  one.keys.add(String(key))
  one.isWhole &&= text.length === bytes
}
