import type { Inbox } from "./inbox.ts"

/** Field lines as sent: order and case kept. */
export type FieldLines = readonly (readonly [name: string, value: string])[]

/** How the length of a request's body is told (RFC 9112 §6). */
export type BodyFraming = "chunked" | { readonly lengthBytes: number }

/** A request without its body. */
export interface RequestHead {
  readonly method: string
  /** The request target as sent. */
  readonly target: string
  /** The path of the target, without its query. */
  readonly path: string
  readonly version: "1.0" | "1.1"
  readonly headers: FieldLines
  readonly framing: BodyFraming
}

/** The client broke RFC 9112; `status` is the answer that is due. */
export class MalformedRequest extends Error {
  readonly status: number

  constructor(status: number, detail: string) {
    super(detail)
    this.name = "MalformedRequest"
    this.status = status
  }
}

const END_OF_HEAD = "\r\n\r\n"
/** The first byte of a TLS handshake, which begins no request line. */
const TLS_HANDSHAKE = 0x16
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^\s]+) HTTP\/(1\.[01])$/
const FIELD_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/

/**
 * Reads the next head; undefined when the client leaves before its end.
 * @throws {MalformedRequest} when it is no HTTP/1.x request, or larger than `mostBytes`
 */
export async function readHead(inbox: Inbox, mostBytes: number): Promise<RequestHead | undefined> {
  for (;;) {
    while (inbox.waiting[0] === 0x0d && inbox.waiting[1] === 0x0a) inbox.take(2)
    // A TLS client says no more until it is answered, so waiting for the end of a head would hang both.
    if (inbox.waiting[0] === TLS_HANDSHAKE) {
      throw new MalformedRequest(400, "This is TLS, and the server speaks plain HTTP: write http:// in the URL.")
    }
    const end = inbox.waiting.indexOf(END_OF_HEAD)
    if (end > mostBytes || (end < 0 && inbox.waiting.length > mostBytes)) {
      throw new MalformedRequest(431, `The head of the request is larger than ${mostBytes} bytes.`)
    }
    if (end >= 0) {
      const head = parseHead(inbox.waiting.toString("latin1", 0, end))
      inbox.take(end + END_OF_HEAD.length)
      return head
    }
    if (!(await inbox.more())) return undefined
  }
}

function parseHead(text: string): RequestHead {
  const [first = "", ...lines] = text.split("\r\n")
  const [, method, target, version] = REQUEST_LINE.exec(first) ?? []
  if (method === undefined || target === undefined || version === undefined) {
    throw new MalformedRequest(400, `${JSON.stringify(first.slice(0, 80))} is no HTTP/1.x request line.`)
  }
  const headers = lines.map(parseFieldLine)
  return {
    method,
    target,
    path: pathOf(target),
    version: version === "1.0" ? "1.0" : "1.1",
    headers,
    framing: framingOf(headers),
  }
}

function parseFieldLine(line: string): [string, string] {
  const [, name, value] = FIELD_LINE.exec(line) ?? []
  if (name === undefined || value === undefined) {
    throw new MalformedRequest(400, `${JSON.stringify(line.slice(0, 80))} is no header field.`)
  }
  return [name, value]
}

function pathOf(target: string): string {
  const inOriginForm = target.startsWith("/") ? target : (URL.parse(target)?.pathname ?? target)
  return inOriginForm.split("?", 1).join("")
}

function framingOf(headers: FieldLines): BodyFraming {
  const codings = valuesOf(headers, "transfer-encoding")
  const lengths = new Set(valuesOf(headers, "content-length"))
  if (codings.length > 0) {
    if (lengths.size > 0) throw new MalformedRequest(400, "The request has both Content-Length and Transfer-Encoding.")
    const coding = codings.join(", ").toLowerCase()
    if (coding !== "chunked")
      throw new MalformedRequest(501, `The transfer coding "${coding}" is not known, only "chunked".`)
    return "chunked"
  }
  const [length = "0", ...others] = lengths
  if (others.length > 0 || !/^\d{1,15}$/.test(length)) {
    throw new MalformedRequest(400, `Content-Length: ${[...lengths].join(", ")} is not one number of bytes.`)
  }
  return { lengthBytes: Number(length) }
}

function valuesOf(headers: FieldLines, name: string): string[] {
  return headers.filter((line) => line[0].toLowerCase() === name).map((line) => line[1])
}

/** A field's value, its lines joined by ", " (RFC 9110 §5.3); undefined when it is absent. Any case of letters. */
export function fieldValue(headers: FieldLines, name: string): string | undefined {
  const values = valuesOf(headers, name.toLowerCase())
  return values.length === 0 ? undefined : values.join(", ")
}
