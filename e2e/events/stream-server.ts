import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

/** A request as it arrived. */
export interface Arrived {
  readonly method: string | undefined
  readonly lastEventId: string | undefined
  readonly accept: string | undefined
  readonly body: string
}

/** Says what the server does with the n-th request, from 0. */
export type Part = (response: ServerResponse, arrived: Arrived) => unknown

/** A server on loopback whose streams are written by hand. */
export class StreamServer implements AsyncDisposable {
  readonly requests: Arrived[] = []
  readonly origin: string
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** Plays one part per request, and the last one for all that follow. */
  static async start(...parts: readonly Part[]): Promise<StreamServer> {
    const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { method, headers } = request
      const lastEventId = headers["last-event-id"]?.toString()
      const arrived = { method, lastEventId, accept: headers.accept, body: await text(request) }
      const part = parts[Math.min(started.requests.length, parts.length - 1)]
      started.requests.push(arrived)
      await part?.(response, arrived)
    }
    const server = createServer((request, response) => void listener(request, response))
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const started = new StreamServer(server)
    return started
  }

  /** How many connections are open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, "close")
  }
}

/** Sends an event stream in pieces of so many bytes, each on its way before the next. */
export async function sendInPieces(response: ServerResponse, body: string, pieceBytes: number): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" })
  const bytes = Buffer.from(body)
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    await new Promise<void>((resolve) => response.write(bytes.subarray(at, at + pieceBytes), () => resolve()))
  }
}
