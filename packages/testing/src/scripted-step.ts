import type { FailureCode } from "steadfetch"

/** What a scripted reply carries: a text, bytes, or a value that is sent as JSON. */
export type ScriptedContent = string | Uint8Array<ArrayBuffer> | { readonly json: unknown }

/** What a scripted reply may have besides its status. */
export interface ScriptedReply {
  /** Header fields; a list sends one field line per item. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: ScriptedContent
  /** Milliseconds from the end of the request to the headers. */
  readonly delayMs?: number
  /** Sends the body in pieces of so many bytes, with so many milliseconds before each. */
  readonly trickle?: { readonly chunkBytes: number; readonly gapMs: number }
  /** Breaks the body off after so many bytes. */
  readonly breaksAfterBytes?: number
  /** Sends nothing more after so many bytes of the body, and does not end it. */
  readonly stallsAfterBytes?: number
}

/** How a scripted failure comes about. */
export interface ScriptedFailure {
  /** Milliseconds until it happens. */
  readonly delayMs?: number
  /** How much of the request's body is taken before, to the end of a piece. Default: all of it, or nothing without a connection. */
  readonly afterBodyBytes?: number
}

/** What the transport does with one request. */
export type Step =
  | { readonly kind: "reply"; readonly status: number; readonly parts: ScriptedReply }
  | { readonly kind: "fail"; readonly code: FailureCode; readonly parts: ScriptedFailure }
  | { readonly kind: "hang" }
  | { readonly kind: "throw"; readonly defect: unknown }

/** A request line to wait for: `GET /users`, `GET /users?page=2`, `POST https://other.test/orders`. */
export interface RequestLine {
  readonly text: string
  readonly method: string
  readonly target: string
}

/** @throws TypeError for a text that is no request line. */
export function requestLine(text: string): RequestLine {
  const [, method, target] = /^([!#$%&'*+\-.^_`|~\w]+) ((?:\/|https?:\/\/)\S*)$/.exec(text) ?? []
  if (method === undefined || target === undefined) {
    throw new TypeError(`${JSON.stringify(text)} is no request line; write "GET /path" or "GET https://host/path"`)
  }
  return { text, method, target }
}

/** Whether a request is the one that a line describes; a line without a query or an origin does not look at it. */
export function matches(line: RequestLine, method: string, url: string): boolean {
  const actual = new URL(url)
  const wanted = new URL(line.target, actual.origin)
  return (
    line.method === method &&
    wanted.origin === actual.origin &&
    wanted.pathname === actual.pathname &&
    (wanted.search === "" || wanted.search === actual.search)
  )
}

/** The bytes of a reply's body, and the media type to announce when the script names none. */
export function contentOf(content: ScriptedContent | undefined): {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly mediaType: string | undefined
} {
  const encoder = new TextEncoder()
  if (content === undefined) return { bytes: new Uint8Array(), mediaType: undefined }
  if (typeof content === "string") return { bytes: encoder.encode(content), mediaType: "text/plain; charset=utf-8" }
  if (content instanceof Uint8Array) return { bytes: content, mediaType: "application/octet-stream" }
  return { bytes: encoder.encode(JSON.stringify(content.json)), mediaType: "application/json" }
}
