import type { Readable } from "node:stream"
import type { BodySource, HeaderList, Outgoing } from "steadfetch"
import type { Dispatcher } from "undici"
import { ACCEPT_ENCODING } from "./content-coding.ts"

/**
 * A request in undici's words. Undici's own time limits are off: the timeout policy's are the ones that count.
 * @param asGiven Whether the header fields go out as they are, without those that requests usually have.
 */
export function dispatchOptions(
  { method, url, headers, body }: Outgoing,
  onDefect: (defect: unknown) => void,
  asGiven = false,
): Dispatcher.DispatchOptions {
  const { origin, path } = split(url)
  const fields = asGiven ? flat(headers) : body === null ? kept(headers) : withUsual(headers)
  return {
    origin,
    path,
    method,
    headers: fields,
    body: body === null ? null : opened(body, fields, onDefect),
    headersTimeout: 0,
    bodyTimeout: 0,
  }
}

/** Origin, and path with query, of an absolute http(s) URL. Sliced, since parsing costs microseconds on every attempt. */
function split(url: string): { origin: string; path: string } {
  const afterScheme = url.indexOf("//") + 2
  const rest = url.slice(afterScheme).search(/[/?#]/)
  if (rest < 0) return { origin: url, path: "/" }
  const originEnd = afterScheme + rest
  const fragment = url.indexOf("#", originEnd)
  const path = url.slice(originEnd, fragment < 0 ? url.length : fragment)
  return { origin: url.slice(0, originEnd), path: path.startsWith("/") ? path : `/${path}` }
}

/** What Node's fetch says, too, when the request does not; some servers refuse requests without a User-Agent. */
const USUAL_FIELDS: HeaderList = [
  ["accept", "*/*"],
  ["user-agent", "node"],
  ["accept-encoding", ACCEPT_ENCODING],
]

/** Calls that bring no headers of their own share their list: what it becomes is kept as long as it is. */
const keptFields = new WeakMap<HeaderList, string[]>()

function kept(headers: HeaderList): string[] {
  const known = keptFields.get(headers)
  if (known !== undefined) return known
  const fields = withUsual(headers)
  keptFields.set(headers, fields)
  return fields
}

function flat(headers: HeaderList): string[] {
  const list: string[] = []
  for (const [name, value] of headers) {
    const cookieAt = name === "cookie" ? list.indexOf("cookie") : -1
    // Cookies go in one line (RFC 6265 §5.4).
    if (cookieAt >= 0) list[cookieAt + 1] += `; ${value}`
    else list.push(name, value)
  }
  return list
}

function withUsual(headers: HeaderList): string[] {
  const list = flat(headers)
  for (const [name, value] of USUAL_FIELDS) if (!headers.some(([own]) => own === name)) list.push(name, value)
  return list
}

function opened(
  body: BodySource,
  fields: string[],
  onDefect: (defect: unknown) => void,
): string | Uint8Array | Readable {
  const content = body.open()
  if (typeof content === "string" || content instanceof Uint8Array) return content
  // undici would read all of a Blob before it sends the first byte.
  if (content instanceof Blob && !fields.includes("content-length")) fields.push("content-length", String(content.size))
  // undici takes async iterables, though its types do not say so.
  const written: unknown = observed(content instanceof Blob ? content.stream() : content, onDefect)
  return written as Readable
}

/** What the body's own source throws is the caller's, not the network's. */
async function* observed(
  pieces: AsyncIterable<Uint8Array>,
  onDefect: (defect: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces
  } catch (defect) {
    onDefect(defect)
    throw defect
  }
}
