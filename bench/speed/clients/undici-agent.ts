import { Agent } from "undici"
import { KEEP_ALIVE_MS } from "./client.ts"

/** An Agent of the npm package with so many connections. */
export function agentWith(connections: number): Agent {
  return new Agent({ connections, keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: KEEP_ALIVE_MS })
}
