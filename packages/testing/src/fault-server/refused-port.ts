import { once } from "node:events"
import { connect, type AddressInfo, type Socket } from "node:net"
import { listen, originOf, type Address } from "./listener.ts"

/** A port that refuses connections. */
export interface RefusedPort extends AsyncDisposable {
  readonly port: number
  /** `http://host:port`. */
  readonly origin: string
  /** Gives the port back to the system. */
  close(): Promise<void>
}

/**
 * A port of 127.0.0.1 on which nothing listens; until `close` nothing will, short of a program that asks for this very port.
 */
export function refusedPort(): Promise<RefusedPort> {
  return holdPort({ host: "127.0.0.1", port: 0 })
}

/**
 * Keeps a port (0: one that is free) refused by taking it as the local end of a connection: there is nobody to accept, and
 * the system does not hand it out again, not even to a client that connects to it and would then meet itself.
 */
export async function holdPort({ host, port: wanted }: Address): Promise<RefusedPort> {
  const accepted = Promise.withResolvers<Socket>()
  const [server, serverPort] = await listen({ host, port: 0 }, (socket) => accepted.resolve(socket))
  const holder = connect({ host, port: serverPort, localAddress: host, localPort: wanted })
  try {
    await once(holder, "connect")
    const other = await accepted.promise
    return holding(holder, other, host)
  } finally {
    server.close()
  }
}

function holding(holder: Socket, other: Socket, host: string): RefusedPort {
  const { port } = holder.address() as AddressInfo
  other.on("error", () => other.destroy())
  holder.unref()
  other.unref()
  const close = async (): Promise<void> => {
    if (holder.destroyed) return
    const closed = [once(holder, "close"), once(other, "close")]
    // RST, for after FIN the port would rest in TIME_WAIT.
    holder.resetAndDestroy()
    other.destroy()
    await Promise.all(closed)
  }
  return { port, origin: originOf({ host, port }), close, [Symbol.asyncDispose]: close }
}
