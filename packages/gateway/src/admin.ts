import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Admission } from "./entry/admission.ts"
import { serverOptions } from "./entry/listening.ts"
import { problemBody, problemFields } from "./problem.ts"
import type { Metrics } from "./watching/metrics.ts"

/** What the admin pages show. */
export interface Watched {
  readonly metrics: Metrics
  /** Asked anew for every request, as a new configuration may have another. */
  readonly admission: () => Admission
  /** Whether it takes requests. */
  readonly isReady: () => boolean
}

/**
 * `/-/health`, `/-/ready` and `/-/metrics`, on a port of their own: whatever path they had beside the upstreams', some
 * upstream could have it as well.
 */
export function adminServer(watched: Watched): Server {
  return createServer(serverOptions({ requestMs: 10_000 }), (req, res) => {
    answer(req, res, watched).catch(() => res.destroy())
  })
}

async function answer(req: IncomingMessage, res: ServerResponse, watched: Watched): Promise<void> {
  const path = (req.url ?? "").replace(/\?.*/s, "")
  if (!["GET", "HEAD"].includes(req.method ?? "")) return say(res, 405, "only GET and HEAD\n", ["Allow", "GET, HEAD"])
  if (path === "/-/health") return say(res, 200, "alive\n")
  if (path === "/-/ready") return watched.isReady() ? say(res, 200, "ready\n") : say(res, 503, "closing\n")
  if (path !== "/-/metrics") return say(res, 404, "there are /-/health, /-/ready and /-/metrics\n")
  const refusal = watched.admission().refusal(withToken(req), req.headers.host ?? "")
  if (refusal !== undefined) {
    const body = problemBody(refusal)
    res.writeHead(refusal.status, problemFields(refusal, body)).end(body)
    return
  }
  say(res, 200, await watched.metrics.text(), [], watched.metrics.contentType)
}

/** Prometheus sends its token as a bearer's. */
function withToken(req: IncomingMessage): readonly string[] {
  const [, bearer] = /^Bearer (.+)$/i.exec(req.headers.authorization ?? "") ?? []
  return bearer === undefined ? req.rawHeaders : [...req.rawHeaders, "steadfetch-token", bearer]
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
