import type { FaultServer, ReceivedRequest } from "@steadfetch/testing/fault-server"
import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import type { Noted } from "./suite/case.ts"
import type { CaseEnd, Place } from "./suite/index.ts"

/** Tells cases what the fault server received, serves the web page, and takes its results. */
export class Desk implements AsyncDisposable {
  readonly origin: string
  /** How the cases ended in the page. */
  readonly ends: Promise<readonly CaseEnd[]>
  readonly #server: Server
  readonly #page: string
  #hand: (ends: readonly CaseEnd[]) => void
  #watched: { readonly server: FaultServer; readonly place: Place } | undefined

  private constructor(server: Server, page: string) {
    const { promise, resolve } = Promise.withResolvers<readonly CaseEnd[]>()
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    this.ends = promise
    this.#server = server
    this.#page = page
    this.#hand = resolve
    server.on("request", (request, response) => void this.#serve(request, response))
  }

  /** @param page The script of the web page. */
  static async open(page: string): Promise<Desk> {
    const server = createServer()
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    return new Desk(server, page)
  }

  /** What it tells of. */
  set(server: FaultServer, place: Place): void {
    this.#watched = { server, place }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, "close")
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const [type, body] = await this.#answer(request)
      const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "*, authorization" }
      response.writeHead(200, { "content-type": type, "cache-control": "no-store", ...cors }).end(body)
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  }

  async #answer(request: IncomingMessage): Promise<[type: string, body: string]> {
    const url = new URL(request.url ?? "/", this.origin)
    const json = "application/json"
    switch (url.pathname) {
      case "/":
        return ["text/html", '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>']
      case "/page.js":
        return ["text/javascript", this.#page]
      case "/place":
        return [json, JSON.stringify(this.#watched?.place)]
      case "/headers":
        return [json, JSON.stringify(request.headers)]
      case "/ends":
        this.#hand(JSON.parse(await text(request)) as readonly CaseEnd[])
        return [json, "null"]
      case "/requests":
        return [json, JSON.stringify(await this.#requests(url.searchParams))]
      default:
        throw new Error(`the desk has no ${url.pathname}`)
    }
  }

  /** The requests below a path, once so many have arrived, or are over. */
  async #requests(query: URLSearchParams): Promise<readonly Noted[]> {
    const { server } = this.#watched ?? {}
    if (server === undefined) throw new Error("the desk watches no server yet")
    const below = query.get("below") ?? "/"
    const over = Number(query.get("over") ?? 0)
    const arrived = Number(query.get("arrived") ?? 0)
    const isOver = ({ end }: ReceivedRequest): boolean => end !== "open"
    for (;;) {
      const all = server.requests.filter(({ path, method }) => path.startsWith(below) && method !== "OPTIONS")
      const ended = all.filter(isOver)
      if (all.length >= arrived && ended.length >= over) return all.map(noted)
      if (all.length < arrived) await server.received(server.requests.length + 1)
      else await server.finished(server.requests.filter(isOver).length + 1)
    }
  }
}

function noted({ method, target, arrivedAtMs, headers, end, body }: ReceivedRequest): Noted {
  const { lengthBytes, complete, sha256, kept } = body
  const fields = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]))
  const text = Buffer.from(kept).toString("latin1")
  return { method, target, arrivedAtMs, headers: fields, end, lengthBytes, complete, sha256, text }
}
