import { createHash } from "node:crypto"
import { once } from "node:events"
import { open } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { patternBytes } from "@steadfetch/testing/fault-server"

/** What is served: bytes that are made as they are needed. */
export interface RangeServerOptions {
  readonly lengthBytes: number
  /** Cuts the connection after so many bytes of a body. */
  readonly cutEveryBytes?: number
  /** Says nothing more after so many bytes of the first body, until the client leaves. */
  readonly stallsAfterBytes?: number
}

/** A server of one large file that honours ranges. */
export interface RangeServer extends AsyncDisposable {
  readonly url: string
  /** The Range field of each request, in order. */
  readonly ranges: readonly (string | undefined)[]
}

const PIECE = 251 * 1024
const ETAG = '"large"'

/** A piece of the pattern, which begins anew with every piece. */
const piece = Buffer.from(patternBytes(PIECE))

/** The bytes `from` up to `to` of the file, or fewer: the rest of a piece. */
function bytesFrom(from: number, to: number): Buffer {
  const at = from % PIECE
  return piece.subarray(at, Math.min(PIECE, at + to - from))
}

/** Where a file is not what is served; undefined when it is. */
export async function firstDifference(file: string, lengthBytes: number): Promise<number | undefined> {
  const handle = await open(file)
  const buffer = Buffer.alloc(PIECE)
  try {
    const { size } = await handle.stat()
    if (size !== lengthBytes) return size
    for (let at = 0; at < lengthBytes;) {
      const expected = bytesFrom(at, lengthBytes)
      await handle.read(buffer, 0, expected.length, at)
      if (!buffer.subarray(0, expected.length).equals(expected)) return at
      at += expected.length
    }
    return undefined
  } finally {
    await handle.close()
  }
}

export async function startRangeServer(options: RangeServerOptions): Promise<RangeServer> {
  const { lengthBytes } = options
  const hash = createHash("sha256")
  for (let at = 0; at < lengthBytes; at += PIECE) hash.update(bytesFrom(at, lengthBytes))
  const digest = `sha-256=:${hash.digest("base64")}:`
  const ranges: (string | undefined)[] = []
  const server = createServer((request, response) => {
    ranges.push(request.headers.range)
    void serve(request, response, options, digest, ranges.length === 1)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/large.bin`,
    ranges,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}

async function serve(
  { headers }: IncomingMessage,
  response: ServerResponse,
  options: RangeServerOptions,
  digest: string,
  isFirst: boolean,
): Promise<void> {
  const { lengthBytes: end, cutEveryBytes = Infinity, stallsAfterBytes = Infinity } = options
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0)
  const isRange = headers.range !== undefined && headers["if-range"] === ETAG
  response.writeHead(isRange ? 206 : 200, {
    etag: ETAG,
    "repr-digest": digest,
    "content-length": end - start,
    ...(isRange ? { "content-range": `bytes ${start}-${end - 1}/${end}` } : {}),
  })
  const most = Math.min(end - start, cutEveryBytes, isFirst ? stallsAfterBytes : Infinity)
  let sent = 0
  while (sent < most && !response.destroyed) {
    const bytes = bytesFrom(start + sent, start + most)
    sent += bytes.length
    if (!response.write(bytes)) await drained(response)
  }
  if (start + sent === end) response.end()
  else if (sent === cutEveryBytes) response.socket?.destroySoon()
}

/** Resolves when more can be written; a connection that is gone drains no more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      response.off("drain", over).off("close", over)
      resolve()
    }
    response.on("drain", over).on("close", over)
  })
}
