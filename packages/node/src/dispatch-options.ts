import type { Readable } from "node:stream"
import type { BodySource, HeaderList, Outgoing } from "steadfetch"
import type { Dispatcher } from "undici"
import { ACCEPT_ENCODING } from "./content-coding.ts"

/** A request in undici's words. Undici's own time limits are off: the timeout policy's are the ones that count. */
export function dispatchOptions(
  { method, url, headers, body }: Outgoing,
  onDefect: (defect: unknown) => void,
): Dispatcher.DispatchOptions {
  const { origin, path } = split(url)
  return {
    origin,
    path,
    method,
    headers: flat(headers),
    body: body === null ? null : opened(body, onDefect),
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

function flat(headers: HeaderList): string[] {
  const list: string[] = []
  let asked = false
  for (const [name, value] of headers) {
    asked ||= name === "accept-encoding"
    list.push(name, value)
  }
  if (!asked) list.push("accept-encoding", ACCEPT_ENCODING)
  return list
}

function opened(body: BodySource, onDefect: (defect: unknown) => void): string | Uint8Array | Readable {
  const content = body.open()
  if (typeof content === "string" || content instanceof Uint8Array) return content
  // undici takes Blobs and async iterables, though its types do not say so.
  const written: unknown = content instanceof Blob ? content : observed(content, onDefect)
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
