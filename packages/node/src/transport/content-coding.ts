import { pipeline, Readable, type Transform } from "node:stream"
import { promisify } from "node:util"
import zlib from "node:zlib"

/** A content coding (RFC 9110 §8.4.1): decodes a whole body, and one that comes in pieces. */
export interface Coding {
  readonly whole: (body: Uint8Array, limits: { readonly maxOutputLength: number }) => Promise<Uint8Array>
  /** For a body that begins with these bytes. */
  readonly decoder: (beginning: Uint8Array) => Transform
}

const gzip: Coding = { whole: promisify(zlib.gunzip), decoder: () => zlib.createGunzip() }
const brotli: Coding = { whole: promisify(zlib.brotliDecompress), decoder: () => zlib.createBrotliDecompress() }
const zstd: Coding = { whole: promisify(zlib.zstdDecompress), decoder: () => zlib.createZstdDecompress() }
/** Some servers leave out deflate's zlib wrapper, which shows in the first byte. */
const deflate: Coding = {
  whole: (body, limits) => promisify(isWrapped(body) ? zlib.inflate : zlib.inflateRaw)(body, limits),
  decoder: (beginning) => (isWrapped(beginning) ? zlib.createInflate() : zlib.createInflateRaw()),
}

const CODINGS: ReadonlyMap<string, Coding> = new Map([
  ["gzip", gzip],
  ["x-gzip", gzip],
  ["deflate", deflate],
  ["br", brotli],
  ["zstd", zstd],
])

/** What to ask servers for. */
export const ACCEPT_ENCODING = "gzip, deflate, br, zstd"

/** More codings than this on one body are no honest server's. */
const MOST_CODINGS = 5

/**
 * The codings of a Content-Encoding field in the order in which they are to be undone; undefined when one of them is
 * unknown, so that the body must be left as it is.
 */
export function codingsOf(contentEncoding: string): readonly Coding[] | undefined {
  const names = contentEncoding
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity")
  if (names.length > MOST_CODINGS) return undefined
  const codings = names.toReversed().map((name) => CODINGS.get(name))
  return codings.every((coding) => coding !== undefined) ? codings : undefined
}

/** Undoes a coding piece by piece. */
export async function* decodedPieces(
  { decoder }: Coding,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const rest = pieces[Symbol.asyncIterator]()
  const first = await rest.next()
  // Replies that have no body (to HEAD, 204, 304) may name a coding all the same.
  if (first.done === true) return
  const source = Readable.from(resumed(first.value, rest), { objectMode: false })
  yield* pipeline(source, decoder(first.value), () => {})
}

async function* resumed(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

/** Whether a deflated body begins with zlib's header (RFC 1950 §2.2). */
function isWrapped(body: Uint8Array): boolean {
  return ((body[0] ?? 0) & 0x0f) === 8
}
