/** The steps of a script: plain data that survives JSON, so that a script can live in a file. */

/**
 * Header fields, sent in this order and with this case of letters; a list sends one field line per item, and an empty
 * list keeps the server from adding its own field of that name. `{origin}`, `{origin:NAME}` and `{date+2s}` are filled in.
 */
export type HeaderFields = Readonly<Record<string, string | readonly string[]>>

/**
 * What a reply carries: a text; a JSON value; bytes in base64; so many bytes of a fixed pattern (`patternBytes`); or the
 * same pattern without end (up to the server's `limits.endlessBytes`, then the connection is reset). In texts and JSON
 * `{origin}`, `{origin:NAME}` and `{date+2s}` are filled in.
 */
export type Body =
  | string
  | { readonly json: unknown }
  | { readonly base64: string }
  | { readonly bytes: number }
  | { readonly endless: true }

/** An interim reply (RFC 9110 §15.2), such as 103 with Link fields. */
export interface InformationalReply {
  /** 100, or 102 to 199. */
  readonly status: number
  readonly headers?: HeaderFields
}

/** How the server breaks an exchange off: RST, FIN, or saying nothing more until the client leaves. */
export type Severance = "reset" | "close" | "silence"

/**
 * A content coding (RFC 9110 §8.4.1) applied to the body; "deflate" is the zlib format. With `lostBytes` the coded bytes
 * end so many early (one byte at least is sent) while the message's framing agrees with what is sent: only the decoder can
 * tell.
 */
export interface Coding {
  readonly name: "gzip" | "deflate" | "br"
  readonly lostBytes?: number
}

/**
 * How the end of the body is told. The sound ways: "content-length" (the default), "chunked" (the default of endless
 * bodies) and "until-close". The unsound: a Content-Length that is not the body's (too large a one is followed by FIN),
 * chunks that end in a line that is no size ("bad-chunk-size"), chunks without the last one ("no-last-chunk"); both then FIN.
 */
export type Framing =
  | "content-length"
  | "chunked"
  | "until-close"
  | "bad-chunk-size"
  | "no-last-chunk"
  | { readonly contentLength: number }

/** A body sent in pieces of `chunkBytes` with `gapMs` milliseconds between them. */
export interface Trickle {
  readonly chunkBytes: number
  readonly gapMs: number
}

/**
 * Where a reply breaks off: half-way through its head, or after so many bytes of the (coded) body; 0 is after the head.
 * RST discards what is still under way: beyond some 64 KiB the client may see fewer bytes than were sent.
 */
export type Cut =
  | { readonly at: "mid-headers"; readonly by: Severance }
  | { readonly at: "body"; readonly afterBytes: number; readonly by: Severance }

/** What a reply may have besides its status. */
export interface ReplyParts {
  /** The reason phrase; the registered one by default. */
  readonly reason?: string
  readonly headers?: HeaderFields
  readonly body?: Body
  /** Interim replies, sent as soon as the request has arrived, before any delay. */
  readonly informational?: readonly InformationalReply[]
  /** Milliseconds to wait before the head. */
  readonly delayMs?: number
  readonly coding?: Coding
  readonly framing?: Framing
  readonly trickle?: Trickle
  readonly cut?: Cut
  /** Keeps the connection, then ends it without an answer when the next request arrives on it. That one uses up no step. */
  readonly onReuse?: "reset" | "close"
}

/** Reads the request, then replies. A HEAD request gets the head alone. */
export interface ReplyStep extends ReplyParts {
  readonly kind: "reply"
  /** 200 to 999. */
  readonly status: number
}

/** Reads the request, then replies with a JSON account of it: `Echo`. */
export interface EchoStep {
  readonly kind: "echo"
  /** 200 by default. */
  readonly status?: number
  readonly headers?: HeaderFields
  readonly delayMs?: number
}

/** The body of an echo step's reply. */
export interface Echo {
  readonly method: string
  /** The request target as sent (RFC 9112 §3.2). */
  readonly target: string
  /** Field lines as sent: order and case kept. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: { readonly sha256: string; readonly lengthBytes: number }
}

/**
 * Ends the exchange without a byte of a reply: when the connection is made (in an "on connect" script), when the head of
 * the request has arrived but its body is not read, or when the whole request has arrived.
 */
export interface DropStep {
  readonly kind: "drop"
  readonly at: "connect" | "before-reading" | "before-headers"
  /** "silence" is not possible with "before-reading". */
  readonly by: Severance
  /** Milliseconds to wait before. */
  readonly delayMs?: number
}

/** Reads the request, sends bytes that are no HTTP message, then FIN. */
export interface GarbageStep {
  readonly kind: "garbage"
  readonly body?: string | { readonly base64: string }
  readonly delayMs?: number
}

/** Takes the connection as usual; for "on connect" scripts alone. */
export interface AcceptStep {
  readonly kind: "accept"
}

/** What the server does with one request (or, in an "on connect" script, with one connection). */
export type Step = ReplyStep | EchoStep | DropStep | GarbageStep | AcceptStep

/** Steps, and what comes after them: the last one again and again (the default), all of them anew, or 404. */
export interface Playlist {
  readonly steps: readonly Step[]
  readonly then?: "last" | "repeat" | 404
}

/**
 * Steps by route. A route is `METHOD /path`, or `/path` for every method; a path may end in `*`; queries do not count. The
 * exact path wins over a `*`, a longer `*` over a shorter, a named method over none. The route "on connect" is played once per
 * connection.
 */
export type Script = Readonly<Record<string, Step | readonly Step[] | Playlist>>
