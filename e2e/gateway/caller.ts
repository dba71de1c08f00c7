import { once } from "node:events"
import { request, type IncomingMessage, type RequestOptions } from "node:http"

export interface Asked {
  readonly method?: string
  readonly headers?: RequestOptions["headers"]
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage["headers"]
  readonly trailers: IncomingMessage["trailers"]
  readonly bytes: Buffer
  readonly text: string
  /** Whether the body came to its proper end. */
  readonly isWhole: boolean
  readonly interim: readonly number[]
}

/** A caller that does nothing by itself: no decoding, no redirects, no retries. */
export async function ask(
  origin: string,
  path = "/",
  { method = "GET", headers = {}, body }: Asked = {},
): Promise<Answer> {
  const req = request(origin + path, { method, headers, agent: false })
  const interim: number[] = []
  req.on("information", ({ statusCode }) => interim.push(statusCode))
  const answered = once(req, "response") as Promise<[IncomingMessage]>
  answered.catch(() => {})
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) req.end(body)
  else {
    for await (const piece of body) {
      if (!req.write(piece)) await Promise.race([once(req, "drain"), answered])
    }
    req.end()
  }
  const [res] = await answered
  const pieces: Buffer[] = []
  res.on("data", (piece: Buffer) => pieces.push(piece))
  res.on("error", () => {})
  // A server may answer before it has all of the body, and read no further.
  req.on("error", () => {})
  await new Promise((resolve) => res.once("close", resolve))
  const bytes = Buffer.concat(pieces)
  return {
    status: res.statusCode ?? 0,
    headers: res.headers,
    trailers: res.trailers,
    bytes,
    text: bytes.toString(),
    isWhole: res.complete,
    interim,
  }
}
