import { Agent } from "node:http"

/** An Agent of node:http with so many connections, which keeps all of them when they are idle. */
export function httpAgentWith(connections: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections })
}
