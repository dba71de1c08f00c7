import { fetchTransport, steadfetch } from "steadfetch"
import type { Client, ClientOptions } from "../client.ts"
import { clientOf, optionsOf } from "./steadfetch.ts"

/** steadfetch with its default transport, the platform's fetch. */
export function makeClient(options: ClientOptions): Client {
  return clientOf(steadfetch({ ...optionsOf(options), transport: fetchTransport({ fetch: options.fetch }) }))
}
