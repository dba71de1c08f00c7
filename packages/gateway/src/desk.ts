import type { IncomingMessage, ServerResponse } from "node:http"
import type { Runtime } from "steadfetch"
import type { Limits } from "./configuration/configuration.ts"
import { framingProblem } from "./entry/framing.ts"
import { listOf, valuesOf } from "./entry/raw-fields.ts"
import { findRoute } from "./entry/routes.ts"
import { hostOf, readTarget, type Target } from "./entry/target.ts"
import { forward, type Waiting } from "./forwarding/forward.ts"
import type { GatewayOutbox } from "./outbox/gateway-outbox.ts"
import { problemBody, problemFields, type Problem } from "./problem.ts"
import type { Table } from "./table.ts"
import type { Visit } from "./watching/visit.ts"

/** What requests are answered with. */
export interface Desk {
  readonly table: () => Table
  readonly runtime: Runtime
  readonly waiting: Waiting
  /** This gateway's name in Via; no other has it. */
  readonly via: string
  readonly outbox: GatewayOutbox | undefined
}

/** How long a caller may leave a reply unread, where the configuration does not say. */
export const UNREAD_MS = 60_000

const ENDS_CONNECTION: ReadonlySet<string> = new Set(["bad-framing", "http-version", "transfer-coding"])

/** Answers a request: with its upstream's reply, or with what keeps it from one. */
export async function answer(desk: Desk, req: IncomingMessage, res: ServerResponse, visit: Visit): Promise<void> {
  const problem = await handled(desk, req, res, visit)
  if (problem === undefined) return
  visit.problem = problem.code
  // Nobody can tell where on the connection the next request begins.
  if (ENDS_CONNECTION.has(problem.code)) res.shouldKeepAlive = false
  writeProblem(res, problem)
}

/** Writes a reply of the gateway's own. */
export function writeProblem(res: ServerResponse, problem: Problem): void {
  if (res.headersSent) {
    res.destroy()
    return
  }
  const body = problemBody(problem)
  res.writeHead(problem.status, problemFields(problem, body)).end(body)
}

async function handled(
  desk: Desk,
  req: IncomingMessage,
  res: ServerResponse,
  visit: Visit,
): Promise<Problem | undefined> {
  const { table, runtime, waiting, via, outbox } = desk
  const { routes, admission, configuration } = table()
  const { method = "GET", rawHeaders: raw } = req
  const { limits = {} } = configuration
  const target = checkedTarget(req, limits)
  if ("status" in target) return target
  const { authority, path } = target
  const refusal = admission.refusal(raw, authority) ?? unsupported(raw, via)
  if (refusal !== undefined) return refusal
  if (path === "*" || (valuesOf(raw, "max-forwards")[0] === "0" && ["OPTIONS", "TRACE"].includes(method)))
    return answeredHere(res, method)
  const asked = outbox?.target(path)
  if (asked !== undefined) return outbox?.answer(asked, req, res)
  const found = findRoute(routes, hostOf(authority), path)
  if (found === undefined) return noRoute(visit.path)
  const { upstream, rest } = found
  visit.upstream = upstream.name
  upstream.enter()
  res.once("close", () => upstream.leave())
  if (outbox?.takes(req, upstream) === true) return outbox.take(req, res, upstream, rest)
  const { unreadMs = UNREAD_MS } = limits
  return forward({ req, res, upstream, rest, authority, visit, via, unreadMs, runtime, waiting })
}

function checkedTarget(
  { method = "GET", url = "/", rawHeaders, httpVersion }: IncomingMessage,
  limits: Limits,
): Target | Problem {
  const { headFields = 100, targetBytes = 8192 } = limits
  if (rawHeaders.length / 2 > headFields) {
    const detail = `The request has more than ${headFields} header fields. Send fewer, or raise limits.headFields in the gateway's configuration.`
    return { status: 431, code: "too-many-fields", detail }
  }
  if (url.length > targetBytes) {
    const detail = `The request target is longer than ${targetBytes} bytes. Shorten it, or raise limits.targetBytes in the gateway's configuration.`
    return { status: 414, code: "target-too-long", detail }
  }
  return framingProblem(rawHeaders, httpVersion) ?? readTarget(method, url, valuesOf(rawHeaders, "host")[0] ?? "")
}

/** What a gateway cannot hand on. */
function unsupported(raw: readonly string[], via: string): Problem | undefined {
  if (valuesOf(raw, "via").some((value) => value.includes(via))) {
    const detail = "The request came back to the gateway that sent it. Correct the upstream's url in its configuration."
    return { status: 508, code: "loop", detail }
  }
  const expected = listOf(raw, "expect")
  if (expected.some((what) => what !== "100-continue")) {
    return {
      status: 417,
      code: "expectation",
      detail: "The gateway knows no expectation but 100-continue. Send the request without.",
    }
  }
  // Clients that offer HTTP/2 in this way, such as Java's, take no answer for a no.
  const wanted = listOf(raw, "connection").includes("upgrade") ? listOf(raw, "upgrade") : []
  if (wanted.every((protocol) => protocol === "h2c")) return undefined
  const detail =
    "The gateway hands on HTTP alone, no WebSocket and no other protocol. Connect to the upstream itself for that."
  return { status: 501, code: "upgrade", detail }
}

/** OPTIONS for the server as a whole, and what may go no further (RFC 9110 §7.6.2). */
function answeredHere(res: ServerResponse, method: string): Problem | undefined {
  if (method === "TRACE")
    return { status: 501, code: "trace", detail: "The gateway itself answers no TRACE. Send a larger Max-Forwards." }
  res.writeHead(204).end()
  return undefined
}

function noRoute(path: string): Problem {
  const detail = `No upstream of this gateway has ${path}. Correct the path, or add the upstream to its configuration.`
  return { status: 404, code: "no-upstream", detail }
}
