import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** What goes wrong when a page is asked for, once for each entry. */
export type Trouble = "503" | "429" | "secondary-limit" | "reset" | "broken-body" | "gone"

/** A server of issues, in pages as GitHub sends them. */
export interface IssueTracker extends AsyncDisposable {
  readonly origin: string
  /** Path and query of every request. */
  readonly asked: string[]
  /** Requests whose reply was not sent whole because the client left. */
  readonly left: readonly string[]
  /** The latest request's header fields. */
  readonly headers: IncomingMessage["headers"]
}

/** What the server is made of. */
export interface IssueTrackerOptions {
  readonly issues: number
  readonly perPage: number
  readonly trouble?: (page: number) => readonly Trouble[]
  /** A page that never comes. */
  readonly hangsAt?: number
  /** Where its links lead. Default: its own origin. */
  readonly linksTo?: string
}

/** Starts it on a free port of loopback. */
export async function startIssueTracker(options: IssueTrackerOptions): Promise<IssueTracker> {
  const { issues, perPage, trouble = () => [], hangsAt, linksTo } = options
  const [asked, left]: [string[], string[]] = [[], []]
  const times = new Map<number, number>()
  let headers: IncomingMessage["headers"] = {}
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", origin)
    const page = Number(url.searchParams.get("page") ?? 1)
    asked.push(`${url.pathname}${url.search}`)
    headers = request.headers
    response.on("close", () => void (response.writableFinished || left.push(`${url.pathname}${url.search}`)))
    const time = times.get(page) ?? 0
    times.set(page, time + 1)
    if (page === hangsAt) return
    const wrong = trouble(page)[time]
    if (wrong !== undefined) return fail(response, wrong)
    const ids = Array.from({ length: perPage }, (_, index) => (page - 1) * perPage + index + 1)
    const body = JSON.stringify(ids.filter((id) => id <= issues).map((id) => ({ id, title: `issue ${id}` })))
    const link = linkTo(new URL(url.pathname, linksTo ?? origin), page, Math.ceil(issues / perPage))
    response.writeHead(200, { "content-type": "application/json; charset=utf-8", ...link }).end(body)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    asked,
    left,
    get headers() {
      return headers
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}

/** GitHub's links lead to the repository's number, not to its name, and name the page last. */
function linkTo(list: URL, page: number, last: number): { link?: string } {
  const target = (number: number): string => `<${list.origin}/repositories/7/issues?per_page=30&page=${number}>`
  const next = page < last ? [`${target(page + 1)}; rel="next"`, `${target(last)}; rel="last"`] : []
  const previous = page > 1 ? [`${target(page - 1)}; rel="prev"`, `${target(1)}; rel="first"`] : []
  const links = [...previous, ...next]
  return links.length === 0 ? {} : { link: links.join(", ") }
}

function fail(response: ServerResponse, trouble: Trouble): void {
  if (trouble === "reset") return void response.socket?.resetAndDestroy()
  if (trouble === "broken-body") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "5000" })
    response.write('[{"id":', () => response.socket?.resetAndDestroy())
    return
  }
  const again = { "retry-after": "0" }
  if (trouble === "503") response.writeHead(503, { "content-type": "text/html" }).end("<title>Unicorn!</title>")
  else if (trouble === "429") response.writeHead(429, again).end('{"message":"API rate limit exceeded"}')
  else if (trouble === "gone") response.writeHead(410).end('{"message":"Issues are disabled for this repo"}')
  else response.writeHead(403, again).end('{"message":"You have exceeded a secondary rate limit"}')
}
