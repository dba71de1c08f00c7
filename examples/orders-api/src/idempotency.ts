import { createHash } from "node:crypto"
import type { Context } from "hono"
import type { Environment, Middleware } from "./environment.ts"
import { readIdempotencyKey } from "./idempotency-key.ts"
import { ProblemError } from "./problem.ts"

interface RecordedReply {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: ArrayBuffer | null
}

interface Entry {
  readonly fingerprint: string
  readonly expiresAtMs: number
  /** Absent while the first request is in progress. */
  reply?: RecordedReply
}

export interface IdempotencyOptions {
  /** How long a key is remembered from its first use, in milliseconds. */
  readonly keepMs: number
  readonly now: () => number
}

/**
 * Acts once for each Idempotency-Key on POST and PATCH (draft-ietf-httpapi-idempotency-key-header): the first answer is
 * replayed to the same request, 409 while that one is in progress, 422 to another request under the key. Keys belong to
 * a customer. An answer of 5xx is not remembered, since nothing was done.
 */
export function idempotency({ keepMs, now }: IdempotencyOptions): Middleware {
  const entries = new Map<string, Entry>()
  return async (c, next) => {
    const field = c.req.header("idempotency-key")
    if (field === undefined || (c.req.method !== "POST" && c.req.method !== "PATCH")) return next()
    const name = `${c.get("customer")} ${readIdempotencyKey(field)}`
    const fingerprint = await fingerprintOf(c)
    removeExpired(entries, now())
    const known = entries.get(name)
    if (known !== undefined) return replay(known, fingerprint)
    const entry: Entry = { fingerprint, expiresAtMs: now() + keepMs }
    entries.set(name, entry)
    try {
      await next()
      if (c.res.status < 500) entry.reply = await record(c.res)
    } finally {
      if (entry.reply === undefined) entries.delete(name)
    }
    return undefined
  }
}

function replay(entry: Entry, fingerprint: string): Response {
  if (entry.fingerprint !== fingerprint) {
    throw new ProblemError("key-reused", "This Idempotency-Key was used before with another method, path or body.")
  }
  if (entry.reply === undefined) {
    throw new ProblemError("key-in-flight", "The first request with this Idempotency-Key has not ended yet.", {
      headers: { "Retry-After": "1" },
    })
  }
  const { status, headers, body } = entry.reply
  const reply = new Response(body, { status, headers: headers.map(([name, value]) => [name, value]) })
  reply.headers.set("Idempotent-Replayed", "true")
  return reply
}

async function fingerprintOf(c: Context<Environment>): Promise<string> {
  const hash = createHash("sha256").update(`${c.req.method} ${c.req.path}\n`)
  return hash.update(new Uint8Array(await c.req.arrayBuffer())).digest("base64")
}

async function record(reply: Response): Promise<RecordedReply> {
  const body = reply.body === null ? null : await reply.clone().arrayBuffer()
  return { status: reply.status, headers: [...reply.headers], body }
}

/** Every key lives equally long, so the oldest come first. One that is still in progress outlives its time. */
function removeExpired(entries: Map<string, Entry>, nowMs: number): void {
  for (const [name, entry] of entries) {
    if (entry.expiresAtMs > nowMs) return
    if (entry.reply !== undefined) entries.delete(name)
  }
}
