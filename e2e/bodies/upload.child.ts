/** Uploads a large body, and tells how much of it was in memory at a time. */
import { once } from "node:events"
import { createReadStream, type ReadStream } from "node:fs"
import { createFetch, fetchTransport, steadfetch } from "steadfetch"
import { makeTransport } from "../transports.ts"

/** What the child is asked to do. */
export interface UploadInput {
  /** Where to. */
  readonly url: string
  /** A large file. */
  readonly file: string
  /**
   * Through the client on fetch or undici, from a function that opens the file; through the drop-in, from one stream, alone or in a Request;
   * or through the client over a fetch that makes a copy with tee(), as a plant for this measurement to find.
   */
  readonly way: "client" | "client on undici" | "drop-in" | "drop-in with a Request" | "client with a copy"
}

/** How the upload went. */
export interface Upload {
  readonly status: number
  /** How often the file was opened. */
  readonly opened: number
  /** The most bytes in buffers at any time that nobody could have collected. */
  readonly mostHeldBytes: number
}

const { url, file, way } = JSON.parse(process.argv[2] ?? "") as UploadInput

/** Node's fetch by itself makes a copy of the body for redirects to come, but not under these two. */
const withoutCopies = { window: null, redirect: "error" } as const
const sparingFetch: typeof fetch = (input, init) => fetch(input, { ...init, ...withoutCopies })

const copies: unknown[] = []
const copyingFetch: typeof fetch = (input, init) => {
  const { body } = init ?? {}
  if (!(body instanceof ReadableStream)) throw new TypeError("there is no stream to copy")
  const [sent, copy] = body.tee()
  copies.push(copy)
  return sparingFetch(input, { ...init, body: sent })
}

const opened: ReadStream[] = []
const base = heldBytes()
let mostHeldBytes = 0

function heldBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().arrayBuffers
}

async function* watchedFile(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const stream = createReadStream(file)
  opened.push(stream)
  let pieces = 0
  for await (const piece of stream) {
    if (pieces++ % 32 === 0) mostHeldBytes = Math.max(mostHeldBytes, heldBytes() - base)
    yield piece
  }
}

function stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = watchedFile()
  const pull = async (controller: ReadableStreamDefaultController): Promise<void> => {
    const { done, value } = await pieces.next()
    if (done === true) controller.close()
    else controller.enqueue(value)
  }
  return new ReadableStream({ pull }, { highWaterMark: 0 })
}

async function upload(): Promise<number> {
  const retry = { baseMs: 1, capMs: 1 }
  if (way.startsWith("client")) {
    const onFetch = fetchTransport({ fetch: way === "client" ? sparingFetch : copyingFetch })
    const transport = way === "client on undici" ? makeTransport("undici") : onFetch
    return (await steadfetch({ transport, retry }).put(url, { body: watchedFile })).status
  }
  const init = { method: "PUT", body: stream(), duplex: "half", ...withoutCopies } as const
  const steadyFetch = createFetch({ retry })
  return (await (way === "drop-in" ? steadyFetch(url, init) : steadyFetch(new Request(url, init)))).status
}

const status = await upload()
for (const stream of opened) if (!stream.closed) await once(stream, "close")
const report: Upload = { status, opened: opened.length, mostHeldBytes }
process.stdout.write(JSON.stringify(report))
