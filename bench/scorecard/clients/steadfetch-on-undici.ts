import { steadfetch, undiciTransport } from "@steadfetch/node"
import type { Client, ClientOptions } from "../client.ts"
import { clientOf, optionsOf } from "./steadfetch.ts"

/** steadfetch with the transport of @steadfetch/node. */
export function makeClient(options: ClientOptions): Client {
  const { connections } = options
  const transport = undiciTransport(connections === undefined ? {} : { agent: { connections } })
  return clientOf(steadfetch({ ...optionsOf(options), transport }))
}
