import type { CallOutcome } from "../../../call-outcome.ts"
import { ABORTED, untilAborted } from "../../../cancellation.ts"
import { sendsStreams } from "../../../fetch-transport.ts"
import type { HeaderList } from "../../../headers.ts"
import { duration } from "../../../validation.ts"
import { StallSignal } from "./stall-signal.ts"
import { checksumField } from "./upload-fields.ts"
import type { UploadParts } from "./upload-options.ts"
import { bytesOf, piecesOf, type UploadContent, type UploadSource } from "./upload-source.ts"

/** What the connection is waited for, as a slow line takes its time to empty the buffers of the system. */
const STALL_MS = 60_000

/**
 * Sends the bytes from `from` up to `to` in one PATCH, in as little memory as the platform allows.
 * @param tell Told what was handed to the connection, as an offset.
 */
export async function sendPart(
  parts: UploadParts,
  url: string,
  from: number,
  to: number,
  tell: (sentBytes: number) => void,
): Promise<CallOutcome> {
  const { requests, call, signal: outer, runtime } = parts
  const prepared = await untilAborted(prepare(parts, from, to), outer)
  if (prepared === ABORTED) throw outer.reason
  const { content, fields } = prepared
  const stallMs = call.timeout === false ? false : (call.timeout?.stallMs ?? STALL_MS)
  // What a page sends cannot be seen on its way.
  const limitMs = content === undefined ? duration("timeout.stallMs", stallMs) : Number.POSITIVE_INFINITY
  const signal = new StallSignal(outer, runtime.clock, limitMs)
  const opened = (): UploadContent => {
    // Not before: until then it waits for a permit or credentials, and not for the connection.
    signal.waiting()
    return content ?? observed(prepared.source, from, to, signal, tell)
  }
  try {
    const body = content instanceof Blob ? content : opened
    return await requests.patch(url, from, fields, body, signal)
  } finally {
    signal.stop()
  }
}

interface Prepared {
  readonly source: UploadSource
  readonly fields: HeaderList
  /** All of the part, where it cannot be sent as a stream. */
  readonly content: Blob | Uint8Array<ArrayBuffer> | undefined
}

async function prepare({ source, options, runtime }: UploadParts, from: number, to: number): Promise<Prepared> {
  const { checksum } = options
  const bytes = checksum === undefined ? undefined : await bytesOf(source, from, to)
  const part: UploadSource = bytes === undefined ? source : { size: source.size, read: () => bytes }
  const sum: HeaderList = checksum && bytes ? [["upload-checksum", await checksumField(checksum, bytes)]] : []
  if (runtime.pageOrigin === undefined && sendsStreams())
    return { source: part, fields: [...sum, ["content-length", String(to - from)]], content: undefined }
  return { source: part, fields: sum, content: await wholePart(part, from, to) }
}

/** A Blob stays where it is, on disk perhaps. */
async function wholePart(source: UploadSource, from: number, to: number): Promise<Blob | Uint8Array<ArrayBuffer>> {
  const content: UploadContent = await source.read(from, to)
  if (content instanceof Blob && content.size === to - from) return content
  return bytesOf({ size: source.size, read: () => content }, from, to)
}

/** The pieces of a part; the time that the source takes for them is not the connection's. */
async function* observed(
  source: UploadSource,
  from: number,
  to: number,
  signal: StallSignal,
  tell: (sentBytes: number) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let at = from
  signal.moved()
  for await (const piece of piecesOf(source, from, to)) {
    signal.waiting()
    yield piece
    signal.moved()
    // A server may reply before the connection has asked for more.
    if (signal.isOver) return
    at += piece.byteLength
    tell(at)
  }
  signal.waiting()
}
