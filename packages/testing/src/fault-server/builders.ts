import type {
  Body,
  Cut,
  EchoStep,
  Framing,
  GarbageStep,
  ReplyParts,
  ReplyStep,
  Severance,
  Step,
  Trickle,
} from "./steps.ts"

/** A reply of this status. */
export function status(code: number, parts: ReplyParts = {}): ReplyStep {
  return { kind: "reply", status: code, ...parts }
}

/** A reply of this status with a JSON body. */
export function json(code: number, value: unknown, parts: Omit<ReplyParts, "body"> = {}): ReplyStep {
  return { kind: "reply", status: code, ...parts, body: { json: value } }
}

/** A redirect of this status. `{origin}` and `{origin:NAME}` in the location are filled in. */
export function redirect(code: number, location: string, parts: ReplyParts = {}): ReplyStep {
  return { kind: "reply", status: code, ...parts, headers: { location, ...parts.headers } }
}

/** 200 with a JSON account of the request (`Echo`). */
export function echo(parts: Omit<EchoStep, "kind"> = {}): EchoStep {
  return { kind: "echo", ...parts }
}

/** Takes a connection as usual; for "on connect" scripts. */
export function accept(): Step {
  return { kind: "accept" }
}

/** Where an exchange is broken off: `{ afterBytes }` is in mid-body. */
export type Moment =
  | "on-connect"
  | "before-reading"
  | "before-headers"
  | "mid-headers"
  | "after-headers"
  | { readonly afterBytes: number }

/** The reply that is broken off, where there is one. */
export type CutReply = Omit<ReplyParts, "cut"> & { readonly status?: number }

/** Breaks the exchange off with RST. The reply it breaks off is a 200 whose body would be longer, unless told otherwise. */
export function reset(moment: Moment, reply: CutReply = {}): Step {
  return severed(moment, "reset", reply)
}

/** Breaks the exchange off with FIN; see `reset`. */
export function close(moment: Moment, reply: CutReply = {}): Step {
  return severed(moment, "close", reply)
}

/** Says nothing more from that moment on, until the client leaves; see `reset`. */
export function stall(moment: Exclude<Moment, "before-reading">, reply: CutReply = {}): Step {
  return severed(moment, "silence", reply)
}

function severed(moment: Moment, by: Severance, { status: code = 200, ...parts }: CutReply): Step {
  if (moment === "on-connect") return drop("connect", by, parts)
  if (moment === "before-reading" || moment === "before-headers") return drop(moment, by, parts)
  const afterBytes = typeof moment === "object" ? moment.afterBytes : 0
  const cut: Cut = moment === "mid-headers" ? { at: "mid-headers", by } : { at: "body", afterBytes, by }
  return { kind: "reply", status: code, body: { bytes: afterBytes + 1024 }, ...parts, cut }
}

function drop(at: "connect" | "before-reading" | "before-headers", by: Severance, { delayMs }: ReplyParts): Step {
  return { kind: "drop", at, by, ...(delayMs === undefined ? {} : { delayMs }) }
}

/** 200 with a body that comes in pieces, with time between them. */
export function trickle(body: Body, pace: Trickle, parts: Omit<ReplyParts, "body" | "trickle"> = {}): ReplyStep {
  return { kind: "reply", status: 200, ...parts, body, trickle: pace }
}

/** 200 with a body that never ends (up to the server's `limits.endlessBytes`). */
export function endless(parts: Omit<ReplyParts, "body"> = {}): ReplyStep {
  return { kind: "reply", status: 200, ...parts, body: { endless: true } }
}

/** Bytes that are no HTTP message, then FIN. */
export function garbage(body?: Exclude<GarbageStep["body"], undefined>): GarbageStep {
  return body === undefined ? { kind: "garbage" } : { kind: "garbage", body }
}

/** 200 with a gzip body whose last bytes (20 by default) are missing, in a message that is otherwise sound. */
export function truncatedGzip(body: Body, lostBytes = 20): ReplyStep {
  return { kind: "reply", status: 200, body, coding: { name: "gzip", lostBytes } }
}

/** 200 with a Content-Length that is not the body's. */
export function wrongContentLength(contentLength: number, body: Body): ReplyStep {
  return framed({ contentLength }, body)
}

/** 200 in chunks, where a line that is no chunk size comes instead of the last chunk. */
export function badChunkSize(body: Body): ReplyStep {
  return framed("bad-chunk-size", body)
}

/** 200 in chunks, closed before the last chunk. */
export function noLastChunk(body: Body): ReplyStep {
  return framed("no-last-chunk", body)
}

function framed(framing: Framing, body: Body): ReplyStep {
  return { kind: "reply", status: 200, body, framing }
}
