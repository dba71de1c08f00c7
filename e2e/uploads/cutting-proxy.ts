import { once } from "node:events"
import { connect, createServer, type AddressInfo, type Socket } from "node:net"

/** What happens to one connection once so many bytes of the client's have passed: it is reset, or nothing passes any more. */
export interface Trouble {
  readonly afterBytes: number
  readonly by: "reset" | "silence"
}

/** What passes before is no body. */
const HEAD_BYTES = 16 * 1024

/** Passes connections on, and breaks them. */
export interface CuttingProxy extends AsyncDisposable {
  readonly origin: string
  /** How many connections were broken. */
  readonly broken: number
}

/** A proxy to a port of this machine; each connection on which a body passes takes the next trouble, while there are any. */
export async function startCuttingProxy(port: number, troubles: readonly Trouble[]): Promise<CuttingProxy> {
  const ahead = [...troubles]
  const sockets = new Set<Socket>()
  let broken = 0
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1")
    let trouble: Trouble | undefined
    let passed = 0
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on("error", () => {})
      socket.on("close", () => sockets.delete(socket))
    }
    client.on("data", (piece: Buffer) => {
      if (passed <= HEAD_BYTES && passed + piece.length > HEAD_BYTES) trouble = ahead.shift()
      const { afterBytes = Number.POSITIVE_INFINITY, by } = trouble ?? {}
      const isOver = passed + piece.length > afterBytes
      const kept = piece.subarray(0, Math.max(0, afterBytes - passed))
      passed += piece.length
      if (kept.length > 0 && !upstream.write(kept)) client.pause()
      if (!isOver) return
      broken++
      client.pause()
      client.removeAllListeners("data")
      upstream.removeAllListeners("data")
      if (by === "silence") return
      client.resetAndDestroy()
      upstream.end()
    })
    upstream.on("drain", () => client.resume())
    upstream.on("data", (piece: Buffer) => client.write(piece))
    client.on("close", () => upstream.end())
    upstream.on("close", () => client.end())
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get broken() {
      return broken
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, "close")
    },
  }
}
