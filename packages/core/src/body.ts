import { ConfigurationError } from "./steadfetch-error.ts"
import { kindOf } from "./validation.ts"

/** What a transport is given to write: text and bytes as they are, the rest piece by piece. */
export type BodyContent = string | Uint8Array<ArrayBuffer> | Blob | AsyncIterable<Uint8Array>

/** A request body: opened once per attempt, the same bytes each time. */
export interface BodySource {
  /** Whether `open` may be called (again). A stream is not replayable once a byte of it was read. */
  readonly replayable: boolean
  /** Bytes, when known without reading. */
  readonly length: number | undefined
  open(): BodyContent
  /** Lets go of a stream that nobody will read any more; called when the call is over. */
  discard?(): void
}

/** Request bodies as users give them: everything fetch takes, async iterables, Node streams, and a function that opens a fresh one. */
export type BodyInput =
  | string
  | ArrayBuffer
  | ArrayBufferView<ArrayBuffer>
  | Blob
  | FormData
  | URLSearchParams
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | (() =>
      | string
      | ArrayBuffer
      | ArrayBufferView<ArrayBuffer>
      | Blob
      | ReadableStream<Uint8Array>
      | AsyncIterable<Uint8Array | string>)

/** A body source and the Content-Type it implies. */
export interface TypedBody {
  readonly source: BodySource
  readonly contentType?: string | undefined
}

/**
 * Reads a user's body once, into a source that every attempt opens anew.
 * @throws ConfigurationError for a value that is no body, or a stream that someone reads already.
 */
export function bodySource(input: BodyInput, uniqueId: () => string): TypedBody {
  if (typeof input === "function")
    return { source: { replayable: true, length: undefined, open: () => opened(input()) } }
  if (typeof input === "string") return fixed(input, "text/plain;charset=UTF-8")
  if (input instanceof URLSearchParams)
    return fixed(input.toString(), "application/x-www-form-urlencoded;charset=UTF-8")
  if (input instanceof FormData) return multipart(input, `steadfetch-${uniqueId()}`)
  if (isBlob(input)) return fixed(input, input.type || undefined, input.size)
  const bytes = asBytes(input)
  // Copied, as fetch does: a buffer that its owner fills anew must not change what a retry sends.
  if (bytes !== undefined) return fixed(new Uint8Array(bytes), undefined, bytes.byteLength)
  if (isStreamBody(input)) return { source: new OneShotBody(input) }
  throw new ConfigurationError(
    `the body is ${kindOf(input)}; give a string, bytes, Blob, FormData, URLSearchParams, a stream or a function that opens one (an object goes in "json")`,
  )
}

/**
 * A JSON body.
 * @throws ConfigurationError when the value has no JSON form (undefined, a function, a cycle, a bigint).
 */
export function jsonBody(value: unknown): TypedBody {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new ConfigurationError(`"json" cannot be written as JSON: ${String(cause)}`, { cause })
  }
  if (text === undefined)
    throw new ConfigurationError(`"json" is ${kindOf(value)}, which has no JSON form; leave it out or give null`)
  return fixed(text, "application/json")
}

function fixed(
  content: string | Uint8Array<ArrayBuffer> | Blob,
  contentType: string | undefined,
  length?: number,
): TypedBody {
  return { source: { replayable: true, length, open: () => content }, contentType }
}

function opened(content: Exclude<BodyInput, FormData | URLSearchParams | (() => unknown)>): BodyContent {
  if (typeof content === "string" || isBlob(content)) return content
  const bytes = asBytes(content)
  if (bytes !== undefined) return bytes
  if (isStreamBody(content)) return chunks(content)
  throw new ConfigurationError(
    `the body function returned ${kindOf(content)}; return a string, bytes, a Blob or a fresh stream`,
  )
}

/** A stream given by the user: replayable only until its first byte was asked for. */
class OneShotBody implements BodySource {
  readonly length = undefined
  readonly #stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>
  #read = false

  constructor(stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>) {
    const taken =
      stream instanceof ReadableStream ? stream.locked : "readableDidRead" in stream && stream.readableDidRead === true
    if (taken)
      throw new ConfigurationError(
        "the body is a stream that is being read already; give an unread one, or a function that opens a fresh one",
      )
    this.#stream = stream
  }

  get replayable(): boolean {
    return !this.#read
  }

  async *open(): AsyncGenerator<Uint8Array> {
    this.#read = true
    yield* chunks(this.#stream)
  }

  discard(): void {
    if (this.#read) return
    if (this.#stream instanceof ReadableStream) this.#stream.cancel().catch(() => {})
    else if ("destroy" in this.#stream && typeof this.#stream.destroy === "function") this.#stream.destroy()
  }
}

async function* chunks(
  stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array> {
  const source: AsyncIterable<Uint8Array | string> = stream instanceof ReadableStream ? streamChunks(stream) : stream
  const encoder = new TextEncoder()
  for await (const chunk of source) {
    if (typeof chunk === "string") yield encoder.encode(chunk)
    else if (chunk instanceof Uint8Array) yield chunk
    else throw new TypeError(`a chunk of the body stream is ${kindOf(chunk)}; it must be a Uint8Array or a string`)
  }
}

/** A web stream read piece by piece, also where it is not async iterable itself (Safari). */
async function* streamChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  let whole = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) {
        whole = true
        return
      }
      yield value
    }
  } finally {
    if (!whole) reader.cancel().catch(() => {})
    reader.releaseLock()
  }
}

/** multipart/form-data (RFC 7578) with one boundary for all attempts; files stay Blobs and are not copied. */
function multipart(form: FormData, boundary: string): TypedBody {
  const parts: (string | Blob)[] = []
  for (const [name, value] of form) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name.replace(/\r?\n|\r/g, "\r\n"))}"`
    if (typeof value === "string") parts.push(`${head}\r\n\r\n${value.replace(/\r?\n|\r/g, "\r\n")}\r\n`)
    else {
      const type = value.type === "" ? "application/octet-stream" : value.type
      // Bun keeps a Blob what it is, instead of making it a File of this name (XHR, "create an entry").
      const name = (value as Partial<File>).name ?? "blob"
      parts.push(`${head}; filename="${quoted(name)}"\r\nContent-Type: ${type}\r\n\r\n`, value, "\r\n")
    }
  }
  parts.push(`--${boundary}--\r\n`)
  const blob = new Blob(parts)
  return fixed(blob, `multipart/form-data; boundary=${boundary}`, blob.size)
}

/** Escapes a field or file name the way the WHATWG form encoding does. */
function quoted(name: string): string {
  return name.replace(/["\r\n]/g, encodeURIComponent)
}

function asBytes(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (value instanceof Uint8Array) return value as Uint8Array<ArrayBuffer>
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength)
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  return undefined
}

function isBlob(value: unknown): value is Blob {
  return value instanceof Blob
}

/** Whether a body is a stream, which can be sent once. */
export function isStreamBody(value: unknown): value is ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string> {
  return (
    value instanceof ReadableStream || (typeof value === "object" && value !== null && Symbol.asyncIterator in value)
  )
}
