import { testExchange } from "@steadfetch/testing"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Server } from "../simulation/servers.ts"

/** A simulated server behind a real socket. */
export interface Front extends AsyncDisposable {
  readonly origin: string
  /** When each request came, in milliseconds since 1970-01-01 UTC. */
  readonly receivedAt: readonly number[]
}

/** Connections outlive every pause between two requests, so that none breaks because it was idle. */
const KEEP_ALIVE_MS = 600_000

/** Answered at once, without the model, and not counted: for clients that get ready. */
export const READY_PATH = "/ready"

/** The model looks at no request. */
const ANY = testExchange("http://127.0.0.1/")

/**
 * Listens on loopback and answers as the model does. The model is not told when a client has gone: it finishes what it began.
 * @param failure What becomes of its 5xx: they are sent, or the connection is reset.
 */
export async function openFront(model: Server, failure: "503" | "reset", date: () => number): Promise<Front> {
  const receivedAt: number[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === READY_PATH) return void response.end("{}")
    receivedAt.push(date())
    const outcome = await model.send(ANY)
    const status = outcome.kind === "reply" ? outcome.status : 500
    if (request.socket.destroyed) return
    if (status >= 500 && failure === "reset") return void request.socket.resetAndDestroy()
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ status }))
  }
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => void answer(request, response),
  )
  server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 })
  await once(server, "listening")
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    receivedAt,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, "close")
    },
  }
}
