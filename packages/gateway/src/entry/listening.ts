import { once } from "node:events"
import type { Server, ServerOptions } from "node:http"
import type { AddressInfo } from "node:net"
import { ConfigurationError } from "steadfetch"
import type { Address, Limits } from "../configuration/configuration.ts"

const HEAD_BYTES = 16 * 1024

/** How Node's server is set such that nothing is waited for without end, and nothing is read that is not HTTP/1.1. */
export function serverOptions({
  headBytes = HEAD_BYTES,
  headMs = 10_000,
  requestMs = 300_000,
  keepAliveMs = 60_000,
}: Limits): ServerOptions {
  const requestTimeout = requestMs === false ? 0 : requestMs
  return {
    maxHeaderSize: headBytes,
    insecureHTTPParser: false,
    // The gateway says itself what is missing.
    requireHostHeader: false,
    headersTimeout: requestTimeout === 0 ? headMs : Math.min(headMs, requestTimeout),
    requestTimeout,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: 1000,
  }
}

/** Takes connections. @throws ConfigurationError when the address is not to be had. */
export async function listen(server: Server, { host = "127.0.0.1", port = 0 }: Address, name: string): Promise<string> {
  try {
    server.listen({ host, port, backlog: 4096 })
    await once(server, "listening")
  } catch (cause) {
    throw new ConfigurationError(`${name}: ${host} port ${port} ${reason(cause)}`, { cause })
  }
  const { port: taken } = server.address() as AddressInfo
  return `http://${host.includes(":") ? `[${host}]` : host}:${taken}`
}

function reason(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown"
  if (code === "EADDRINUSE") return "is in use; give another port, or 0 for a free one"
  if (code === "EACCES") return "needs privileges; give a port from 1024"
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return 'is no address of this machine; give "127.0.0.1"'
  return `cannot be listened on (${code})`
}
