import { once } from "node:events"
import { createServer, type AddressInfo, type Server, type Socket } from "node:net"

/** Where to listen. */
export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * Listens; resolves to the server and the port it got.
 * @throws what the system says, such as EADDRINUSE
 */
export async function listen({ host, port }: Address, take: (socket: Socket) => void): Promise<[Server, number]> {
  // Half-open, so that it is the script that decides when this side ends; without delay, so that small pieces go out singly.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, take)
  server.listen(port, host)
  await once(server, "listening")
  return [server, (server.address() as AddressInfo).port]
}

/** `http://host:port`, with an IPv6 address in brackets. */
export function originOf({ host, port }: Address): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`
}
