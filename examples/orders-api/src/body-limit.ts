import type { Context } from "hono"
import type { Environment, Middleware } from "./environment.ts"
import { ProblemError } from "./problem.ts"

const mostBytes = 100 * 1024
const methodsWithBody = new Set(["POST", "PUT", "PATCH"])

/**
 * Reads the body once, for everything behind it, and refuses one above 100 KiB with 413, also when its length was not
 * announced. Hono's own limit makes a new Request of the current one, which needs the adapter's replaced globals; this
 * API leaves the globals alone, for it is also run inside other programs.
 */
export const bodyLimit: Middleware = async (c, next) => {
  if (methodsWithBody.has(c.req.method)) {
    if (Number(c.req.header("content-length") ?? 0) > mostBytes) throw tooLarge()
    // Where Hono itself keeps what it has read: as a promise, although the type names the plain value.
    Object.assign(c.req.bodyCache, { arrayBuffer: Promise.resolve(await readBody(c)) })
  }
  return next()
}

async function readBody(c: Context<Environment>): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of c.req.raw.body ?? []) {
    length += chunk.byteLength
    if (length > mostBytes) throw tooLarge()
    chunks.push(chunk)
  }
  const body = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    body.set(chunk, offset)
    offset += chunk.byteLength
  }
  return body.buffer
}

function tooLarge(): ProblemError {
  return new ProblemError("content-too-large", "The body is larger than 100 KiB.")
}
