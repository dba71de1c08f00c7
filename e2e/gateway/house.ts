import { once } from "node:events"
import type { AddressInfo, Server } from "node:net"
import { startFaultServer, type FaultServer, type Script } from "@steadfetch/testing/fault-server"
import { startGateway, type Configuration, type Gateway, type GatewayOptions, type Upstream } from "@steadfetch/gateway"
import { onTestFinished } from "vitest"

/** A gateway, and an upstream of it that plays a script. */
export interface House extends AsyncDisposable {
  readonly gateway: Gateway
  readonly upstream: FaultServer
  readonly origin: string
}

/** What makes retries quick, and everything else as it is. */
export const QUICK: Partial<Upstream> = { retry: { baseMs: 1 } }

/** Starts both; the gateway hands on everything. */
export async function house(
  script: Script,
  settings: Partial<Upstream> = QUICK,
  more: Partial<Configuration> = {},
  options: GatewayOptions = {},
): Promise<House> {
  const upstream = await startFaultServer(script)
  const upstreams = { api: { url: upstream.origin, ...settings } }
  const gateway = await startGateway({ listen: { port: 0 }, admin: false, shutdownMs: 0, upstreams, ...more }, options)
  return {
    gateway,
    upstream,
    origin: gateway.origin,
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await upstream.close()
    },
  }
}

/** A gateway to a server of the test's own, which ends with the test. */
export async function gatewayTo(
  server: Server,
  settings: Partial<Upstream> = {},
  more: Partial<Configuration> = {},
): Promise<Gateway> {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const upstreams = { api: { url, ...settings } }
  const gateway = await startGateway({ listen: { port: 0 }, admin: false, shutdownMs: 0, upstreams, ...more })
  onTestFinished(async () => {
    await gateway.close()
    server.close()
  })
  return gateway
}

/** The value of a field at the upstream, lines of one name joined. */
export function received(upstream: FaultServer, name: string, request = 0): string | undefined {
  const lines = upstream.requests[request]?.headers.filter(([own]) => own.toLowerCase() === name) ?? []
  return lines.length === 0 ? undefined : lines.map(([, value]) => value).join(", ")
}
