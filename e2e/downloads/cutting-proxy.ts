import { once } from "node:events"
import { createServer, connect, type AddressInfo, type Socket } from "node:net"

/** A way to a server on which connections break. */
export interface CuttingProxy extends AsyncDisposable {
  readonly origin: string
  /** Ends each connection to come after so many bytes from the server, heads included. */
  everyBytes: number
}

/** Passes connections on to an origin on loopback. */
export async function startCuttingProxy(origin: string, everyBytes: number): Promise<CuttingProxy> {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(new URL(origin).port), "127.0.0.1")
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on("close", () => open.delete(socket)).on("error", () => socket.destroy())
    }
    client.pipe(upstream)
    let left = proxy.everyBytes
    if (left === 0) client.destroy()
    upstream.on("data", (bytes: Buffer) => {
      client.write(bytes.subarray(0, left))
      left -= bytes.length
      if (left > 0) return
      client.destroySoon()
      upstream.destroy()
    })
    upstream.on("end", () => client.end())
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const proxy: CuttingProxy = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    everyBytes,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, "close")
    },
  }
  return proxy
}
