import { STATUS_CODES } from "node:http"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import type { Context } from "hono"
import type { Environment, Middleware } from "./environment.ts"
import { invalidRequest, problemJson } from "./problem.ts"
import { seededRandom } from "./seeded-random.ts"
import type { AskedTrouble, Trouble } from "./trouble.ts"
import { TroubleSyntaxError, parseTrouble } from "./trouble.ts"

/** A share of the traffic that fails although nobody asked for it. */
export interface TroubleShare {
  /** From 0, nothing fails, to 1, everything does. */
  readonly failShare: number
  /** The same seed makes the same requests fail, counted from the start. */
  readonly seed: number
}

/** How many trouble ids are remembered, so that ever new ones do not fill the memory. */
const rememberedIds = 10_000

const unasked: readonly Trouble[] = [
  { kind: "status", status: 500, stage: "before" },
  { kind: "status", status: 502, stage: "before" },
  { kind: "status", status: 502, stage: "after" },
  { kind: "status", status: 503, stage: "before" },
]

/** Makes the trouble which a request asks for in its `Trouble` field, and else the server's own share of it. */
export function troublemaking(share: TroubleShare): Middleware {
  const random = seededRandom(share.seed)
  const isDue = countdown()
  return async (c, next) => {
    const field = c.req.header("trouble")
    const trouble = field === undefined ? drawn(share.failShare, random) : asked(c, field, isDue)
    if (trouble === undefined) return next()
    if (trouble.kind === "slow") {
      c.set("workMs", trouble.delayMs)
      return next()
    }
    if (trouble.stage === "after") {
      await next()
      // Hono merges the headers of a reply that is replaced; this one must leave nothing behind.
      c.res = undefined
    }
    c.res = trouble.kind === "drop" ? drop(c) : failure(c, trouble)
    return undefined
  }
}

function drawn(failShare: number, random: () => number): Trouble | undefined {
  return random() < failShare ? unasked[Math.floor(random() * unasked.length)] : undefined
}

function asked(c: Context<Environment>, field: string, isDue: ReturnType<typeof countdown>): Trouble | undefined {
  const { trouble, times, id } = read(field)
  if (times === undefined) return trouble
  const countedBy = id ?? c.req.header("idempotency-key")
  if (countedBy === undefined) {
    const detail = "Trouble with times needs an Idempotency-Key or an id to count by, such as 503;times=2;id=a"
    throw invalidRequest([{ header: "Trouble", detail }])
  }
  return isDue(`${c.get("customer")} ${countedBy}`, times) ? trouble : undefined
}

function read(field: string): AskedTrouble {
  try {
    return parseTrouble(field)
  } catch (error) {
    if (error instanceof TroubleSyntaxError) throw invalidRequest([error.fieldError])
    throw error
  }
}

/** Counts how often each id was met and tells whether it is still within its `times`. */
function countdown(): (id: string, times: number) => boolean {
  const met = new Map<string, number>()
  return (id, times) => {
    const count = (met.get(id) ?? 0) + 1
    met.set(id, count)
    const [oldest] = met.keys()
    if (met.size > rememberedIds && oldest !== undefined) met.delete(oldest)
    return count <= times
  }
}

function drop(c: Context<Environment>): Response {
  c.env.incoming.socket.destroy()
  c.set("dropped", true)
  return RESPONSE_ALREADY_SENT
}

function failure(c: Context<Environment>, trouble: Extract<Trouble, { kind: "status" }>): Response {
  const { status, retryAfterSeconds } = trouble
  const title = STATUS_CODES[status] ?? "Trouble"
  const detail = `The server is in trouble on purpose: ${status} ${title}.`
  const headers = retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) }
  return problemJson({ type: "about:blank", title, status, detail }, c.get("requestId"), headers)
}
