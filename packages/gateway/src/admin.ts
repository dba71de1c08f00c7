import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { TOKEN_FIELD, type Admission } from "./entry/admission.ts"
import { serverOptions } from "./entry/listening.ts"
import type { GatewayOutbox } from "./outbox/gateway-outbox.ts"
import { problemBody, problemFields } from "./problem.ts"
import type { Metrics } from "./watching/metrics.ts"
import type { LivePage } from "./watching/live-page.ts"

const WATCH = "/-/watch"

/** What the admin pages show. */
export interface Watched {
  readonly metrics: Metrics
  readonly livePage: LivePage
  /** Asked anew for every request, as a new configuration may have another. */
  readonly admission: () => Admission
  /** Whether it takes requests. */
  readonly isReady: () => boolean
  readonly outbox: Pick<GatewayOutbox, "statistics"> | undefined
}

/**
 * `/-/health`, `/-/ready`, `/-/metrics` and `/-/watch`, on a port of their own: whatever path they had beside the upstreams', some
 * upstream could have it as well.
 */
export function adminServer(watched: Watched): Server {
  return createServer(serverOptions({ requestMs: 10_000 }), (req, res) => {
    answer(req, res, watched).catch(() => res.destroy())
  })
}

async function answer(req: IncomingMessage, res: ServerResponse, watched: Watched): Promise<void> {
  const path = (req.url ?? "").replace(/\?.*/s, "")
  const isWatch = path === WATCH || path.startsWith(`${WATCH}/`)
  // The page knows itself what may be posted to it.
  if (!isWatch && !["GET", "HEAD"].includes(req.method ?? ""))
    return say(res, 405, "only GET and HEAD\n", ["Allow", "GET, HEAD"])
  if (path === "/-/health") return say(res, 200, "alive\n")
  if (path === "/-/ready") return tellWhetherReady(res, watched)
  if (path !== "/-/metrics" && !isWatch) {
    return say(res, 404, "there are /-/health, /-/ready, /-/metrics and /-/watch\n")
  }
  const refusal = watched.admission().refusal(judged(req), req.headers.host ?? "")
  if (refusal !== undefined) {
    const body = problemBody(refusal)
    const fields = problemFields(refusal, body)
    // A browser asks for the token when it is told of a scheme that it knows.
    if (isWatch && refusal.status === 401) fields.push("WWW-Authenticate", 'Basic realm="steadfetch"')
    res.writeHead(refusal.status, fields).end(body)
    return
  }
  if (isWatch) return watched.livePage.answer(req, res, path.slice(WATCH.length))
  say(res, 200, await watched.metrics.text(), [], watched.metrics.contentType)
}

async function tellWhetherReady(res: ServerResponse, { isReady, outbox }: Watched): Promise<void> {
  if (!isReady()) return say(res, 503, "closing\n")
  if (outbox === undefined) return say(res, 200, "ready\n")
  const counted = await outbox.statistics()
  if (counted === undefined) return say(res, 503, "the outbox cannot be read; its log says why\n")
  const { waiting, sending, rejected, expired } = counted.states
  say(res, 200, `ready\noutbox: ${waiting + sending} wait, ${rejected + expired} need somebody\n`)
}

/**
 * The fields as they are judged. Prometheus sends its token as a bearer's, a browser as a password, with any name; and the
 * page's own scripts come with an Origin that is this server's.
 */
function judged({ headers, rawHeaders }: IncomingMessage): readonly string[] {
  const { authorization = "", host = "", origin } = headers
  const isOwn = origin?.toLowerCase() === `http://${host}`.toLowerCase()
  const raw = isOwn
    ? rawHeaders.filter((_, index) => rawHeaders[index - (index % 2)]?.toLowerCase() !== "origin")
    : rawHeaders
  const [, scheme = "", credentials = ""] = /^(Bearer|Basic) (.+)$/i.exec(authorization) ?? []
  if (credentials === "") return raw
  const isBasic = scheme.toLowerCase() === "basic"
  const token = isBasic
    ? Buffer.from(credentials, "base64")
        .toString()
        .replace(/^[^:]*:/, "")
    : credentials
  return [...raw, TOKEN_FIELD, token]
}

function say(
  res: ServerResponse,
  status: number,
  text: string,
  more: readonly string[] = [],
  type = "text/plain; charset=utf-8",
): void {
  res.writeHead(status, ["Content-Type", type, "Content-Length", String(Buffer.byteLength(text)), ...more])
  res.end(text)
}
