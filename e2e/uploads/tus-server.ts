import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FileStore } from "@tus/file-store"
import { Server, type ServerOptions } from "@tus/server"

/** The tus project's own server, with its uploads in files of a folder of their own. */
export interface TusServer extends AsyncDisposable {
  readonly port: number
  readonly origin: string
  /** The requests that came, by method and the offset that each went on from. */
  readonly asked: readonly string[]
  /** Where the bytes of an upload are. */
  fileOf(uploadUrl: string): string
  /** What an upload holds. */
  bytesOf(uploadUrl: string): Promise<Buffer>
}

export async function startTusServer(
  options: Partial<ServerOptions> = {},
  expirationPeriodInMilliseconds = 0,
): Promise<TusServer> {
  const directory = await mkdtemp(join(tmpdir(), "tus-"))
  const datastore = new FileStore({ directory, expirationPeriodInMilliseconds })
  const tus = new Server({ path: "/files", datastore, lockDrainTimeout: 100, ...options })
  const asked: string[] = []
  const server = createServer((request, response) => {
    const offset = request.headers["upload-offset"]
    asked.push(`${request.method}${offset === undefined ? "" : ` from ${String(offset)}`}`)
    void tus.handle(request, response)
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const { port } = server.address() as AddressInfo
  const fileOf = (uploadUrl: string): string => join(directory, new URL(uploadUrl).pathname.split("/").at(-1) ?? "")
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    asked,
    fileOf,
    bytesOf: (uploadUrl) => readFile(fileOf(uploadUrl)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
      await rm(directory, { recursive: true })
    },
  }
}
