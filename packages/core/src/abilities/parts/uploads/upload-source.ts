import { kindOf, refuse, shown } from "../../../validation.ts"

/** Bytes that can be read from any place, any number of times: what an upload needs to go on where it was cut off. */
export interface UploadSource {
  /** Bytes in all. */
  readonly size: number
  /**
   * The bytes from `from` up to, but not including, `to`: all of them, at once or piece by piece. What has to be sent again
   * is read again, and must be the same.
   */
  read(from: number, to: number): UploadContent | Promise<UploadContent>
}

/** What a source gives: bytes, or pieces of them. */
export type UploadContent =
  | Uint8Array<ArrayBuffer>
  | Blob
  | ReadableStream<Uint8Array<ArrayBuffer>>
  | AsyncIterable<Uint8Array<ArrayBuffer>>

/** What can be uploaded. */
export type UploadInput = Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer> | string | UploadSource

/** The most bytes of one piece, however many a source gives at once. */
const PIECE_BYTES = 64 * 1024

/**
 * What is to be uploaded, as a source. Text and bytes are copied: a buffer that its owner fills anew must not change what
 * is sent later.
 * @throws ConfigurationError for a stream, which cannot be read again, and for what is no source.
 */
export function uploadSource(input: UploadInput): UploadSource {
  const bytes = bytesIn(input)
  if (bytes !== undefined) return { size: bytes.byteLength, read: (from, to) => bytes.subarray(from, to) }
  const source = input as Blob | UploadSource
  if (source instanceof Blob) return { size: source.size, read: (from, to) => source.slice(from, to) }
  if (typeof source !== "object" || source === null) return refuse("source", kindOf(source), SOURCES)
  if (source instanceof ReadableStream || Symbol.asyncIterator in source)
    return refuse("source", "a stream, which cannot be read again from where an upload was cut off", SOURCES)
  if (typeof source.read !== "function") return refuse("source", kindOf(source), SOURCES)
  if (!Number.isSafeInteger(source.size) || source.size < 0)
    return refuse("source.size", shown(source.size), "a whole number of bytes")
  return source
}

function bytesIn(input: UploadInput): Uint8Array<ArrayBuffer> | undefined {
  if (typeof input === "string") return new TextEncoder().encode(input)
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength).slice()
  return input instanceof ArrayBuffer ? new Uint8Array(input.slice()) : undefined
}

const SOURCES = "a Blob or File, bytes, a text, or { size, read(from, to) }"

/**
 * The bytes of a part of a source, piece by piece.
 * @throws TypeError when the source gives fewer or more: a wrong length must not pass for the whole.
 */
export async function* piecesOf(
  source: UploadSource,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  let at = from
  for await (const piece of pieces(await source.read(from, to))) {
    if (!(piece instanceof Uint8Array))
      throw new TypeError(`a piece of the upload is ${kindOf(piece)}, not a Uint8Array`)
    at += piece.byteLength
    if (at > to) break
    // Small enough to be seen moving.
    for (let start = 0; start < piece.byteLength; start += PIECE_BYTES) yield piece.subarray(start, start + PIECE_BYTES)
  }
  if (at === to) return
  const given = at > to ? "more" : `${at - from}`
  throw new TypeError(`the source was asked for its bytes ${from} to ${to}, which are ${to - from}, and gave ${given}`)
}

/** All bytes of a part of a source. Throws as `piecesOf` does. */
export async function bytesOf(source: UploadSource, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(to - from)
  let at = 0
  for await (const piece of piecesOf(source, from, to)) {
    bytes.set(piece, at)
    at += piece.byteLength
  }
  return bytes
}

function pieces(content: UploadContent): AsyncIterable<Uint8Array<ArrayBuffer>> {
  if (content instanceof Uint8Array) return alone(content)
  if (content instanceof Blob) return streamed(content.stream())
  return content instanceof ReadableStream ? streamed(content) : content
}

async function* alone<T>(piece: T): AsyncGenerator<T> {
  yield piece
}

/** Also where a stream is not async iterable itself (Safari). */
async function* streamed(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    reader.cancel().catch(() => {})
  }
}
