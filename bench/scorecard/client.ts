/** What one client is made with. What is left out has the value that the client's documentation recommends. */
export interface ClientOptions {
  /** Where all requests go. */
  readonly origin: string
  /** How often a failed request is sent again at most; 0 switches retries off. */
  readonly retries?: number
  /** Milliseconds, per attempt where the client knows attempts. */
  readonly timeoutMs?: number
  /** The wait before the first retry. */
  readonly backoffMs?: number
  /** The longest wait of the backoff. */
  readonly capMs?: number
  /** The most connections. */
  readonly connections?: number
  /** A bearer token for all requests. */
  readonly token?: string
  /** What renews the token after a 401: resolves to the new one. */
  readonly renew?: () => Promise<string>
  /** Whether a pause that the server asks for is to hold all requests to its origin, where that has to be turned on. */
  readonly pausesOrigin?: boolean
  /** In place of the platform's fetch, for clients on fetch. */
  readonly fetch?: typeof fetch
}

/** One call. */
export interface Request {
  readonly method: "GET" | "POST" | "PUT"
  readonly path: string
  /** A text, or pieces that can be read once. */
  readonly body?: string | ReadableStream<Uint8Array<ArrayBuffer>>
  readonly signal?: AbortSignal
}

/** A reply, wherever the client puts it: in its result, or in the error that it throws. */
export interface Reply {
  readonly status: number
  /** A header field's value. */
  readonly header: (name: string) => string | undefined
  readonly body: string
}

/** How a call ended for the caller. */
export type Ended = { readonly reply: Reply } | { readonly error: unknown; readonly reply?: Reply }

/** The least that all clients have in common. */
export interface Client {
  /** Sends a request and reads the reply, in the client's shortest documented way. Never rejects. */
  readonly send: (request: Request) => Promise<Ended>
  /** The same in two steps, where the client documents that way: the reply's head first, then its body. */
  readonly sendThenRead?: (request: Request) => Promise<Ended>
}

/** Makes the client under examination. */
export type Make = (options: ClientOptions) => Client

/** Things that a client may do without; a case that judges how they are done does not apply then. */
export type Feature =
  /** It sends a request again after its own timeout. */
  | "timeout retry"
  /** It knows HTTP's methods, statuses and header fields, and decides by them when to retry. */
  | "HTTP rules"
  /** It reads Retry-After. */
  | "Retry-After"
  /** It throws an error for a 4xx. */
  | "status errors"
  /** It, or an example in its documentation, renews a token after a 401. */
  | "renewal"
  /** It can be given another fetch. */
  | "own fetch"
  /** It holds other requests to an origin back that asked for a pause. */
  | "origin pause"

/** A client on the scorecard. */
export interface Candidate {
  readonly name: string
  /** The packages whose versions count. */
  readonly packages: readonly string[]
  /** The settings, in words: what was turned on, and which retries it makes by default. */
  readonly settings: string
  /** What it does without, and why. */
  readonly lacks: Partial<Record<Feature, string>>
  readonly load: () => Promise<Make>
}

/** The ends of `work`: what it resolves to, or the error with the reply that `replyIn` finds in it. */
export async function ended(
  work: () => Promise<Reply>,
  replyIn: (error: unknown) => Promise<Reply | undefined> | Reply | undefined = () => undefined,
): Promise<Ended> {
  try {
    return { reply: await work() }
  } catch (error) {
    const reply = await replyIn(error)
    return reply === undefined ? { error } : { error, reply }
  }
}

/** A Response of fetch with its body read. */
export async function readResponse(response: Response): Promise<Reply> {
  return replyOf(response, await response.text())
}

/** A Response of fetch whose body was read already. */
export function replyOf({ status, headers }: Pick<Response, "status" | "headers">, body: string): Reply {
  return { status, header: (name) => headers.get(name) ?? undefined, body }
}

/** Header fields in an object, by lower-case name. */
export function fieldsOf(fields: object): Reply["header"] {
  return (name) => {
    const value: unknown = Reflect.get(fields, name)
    return Array.isArray(value) ? value.join(", ") : typeof value === "string" ? value : undefined
  }
}

/** A parsed body as the text it was, near enough to look for words in it. */
export function bodyText(data: unknown): string {
  return typeof data === "string" ? data : data === undefined ? "" : JSON.stringify(data)
}

/** What fetch is told of a request. */
export function initOf({ method, body, signal }: Request): RequestInit & { readonly duplex: "half" } {
  return {
    method,
    duplex: "half",
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  }
}

/** The field that carries a bearer token. */
export function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}
