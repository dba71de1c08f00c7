import { STATUS_CODES } from "node:http"
import type { Payload } from "./payload.ts"
import { fillPlaceholders, type PlaceholderValues } from "./placeholders.ts"
import { fieldValue, type FieldLines, type RequestHead } from "./request-head.ts"
import type { Framing, HeaderFields, InformationalReply, ReplyStep } from "./steps.ts"

/** A reply as it goes over the wire, apart from its body's bytes. */
export interface ReplyMessage {
  readonly head: string
  readonly hasBody: boolean
  /** Makes a piece of the body ready for the wire. */
  wrap(piece: Uint8Array): Uint8Array
  /** What follows the body. */
  readonly ending: string
  /** Whether the connection ends with the reply. */
  readonly closes: boolean
}

/** The head of an interim reply. */
export function informationalHead({ status, headers }: InformationalReply, values: PlaceholderValues): string {
  return headText(status, undefined, fieldLines(headers, values))
}

/** Composes the reply to a request. */
export function composeReply(
  step: ReplyStep,
  payload: Payload,
  request: Pick<RequestHead, "method" | "version" | "headers">,
  values: PlaceholderValues,
): ReplyMessage {
  const framing = step.framing ?? (payload.endless ? "chunked" : "content-length")
  const own = fieldLines(step.headers, values)
  const persistent = !asksToClose(request) && !asksToClose({ ...request, version: "1.1", headers: own })
  const automatic = automaticFields(step, payload, framing, values, persistent)
  const named = new Set(Object.keys(step.headers ?? {}).map((name) => name.toLowerCase()))
  const added = automatic.filter(([name]) => !named.has(name) && !isRivalFraming(name, named))
  const chunked = framing === "chunked" || framing === "bad-chunk-size" || framing === "no-last-chunk"
  return {
    head: headText(step.status, step.reason, [...own, ...added]),
    hasBody: request.method !== "HEAD" && !isBodiless(step.status),
    wrap: chunked ? asChunk : (piece) => piece,
    ending: endingOf(framing),
    closes: !persistent || endsConnection(framing, payload),
  }
}

function automaticFields(
  { status, body, coding, onReuse }: ReplyStep,
  payload: Payload,
  framing: Framing,
  values: PlaceholderValues,
  persistent: boolean,
): [string, string][] {
  const lines: [string, string][] = [["date", new Date(values.date()).toUTCString()]]
  if (payload.contentType !== undefined && body !== undefined) lines.push(["content-type", payload.contentType])
  if (coding !== undefined) lines.push(["content-encoding", coding.name])
  if (!isBodiless(status)) {
    if (framing === "content-length") lines.push(["content-length", String(payload.lengthBytes)])
    else if (typeof framing === "object") lines.push(["content-length", String(framing.contentLength)])
    else if (framing !== "until-close") lines.push(["transfer-encoding", "chunked"])
  }
  if (!persistent || framing === "until-close") lines.push(["connection", "close"])
  else if (onReuse !== undefined) lines.push(["connection", "keep-alive"])
  return lines
}

/** A script that names one of the two framing fields gets no other one beside it. */
function isRivalFraming(name: string, named: ReadonlySet<string>): boolean {
  return (
    (name === "content-length" && named.has("transfer-encoding")) ||
    (name === "transfer-encoding" && named.has("content-length"))
  )
}

function isBodiless(status: number): boolean {
  return status === 204 || status === 304
}

function endsConnection(framing: Framing, payload: Payload): boolean {
  if (typeof framing === "object") return framing.contentLength > payload.lengthBytes
  return framing === "until-close" || framing === "bad-chunk-size" || framing === "no-last-chunk"
}

/** Whether the sender of these fields ends the connection after this exchange (RFC 9112 §9.3). */
function asksToClose({ version, headers }: Pick<RequestHead, "version" | "headers">): boolean {
  const options = (fieldValue(headers, "connection") ?? "").toLowerCase().split(/\s*,\s*/)
  return options.includes("close") || (version === "1.0" && !options.includes("keep-alive"))
}

function endingOf(framing: Framing): string {
  if (framing === "chunked") return "0\r\n\r\n"
  return framing === "bad-chunk-size" ? "no size\r\n\r\n" : ""
}

function asChunk(piece: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")])
}

function fieldLines(headers: HeaderFields | undefined, values: PlaceholderValues): [string, string][] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) =>
    (typeof value === "string" ? [value] : value).map((item): [string, string] => [
      name,
      fillPlaceholders(item, values),
    ]),
  )
}

function headText(status: number, reason: string | undefined, lines: FieldLines): string {
  const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")
  return `HTTP/1.1 ${status} ${reason ?? STATUS_CODES[status] ?? ""}\r\n${fields}\r\n`
}
