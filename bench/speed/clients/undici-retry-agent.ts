import { RetryAgent } from "undici"
import { RETRIES, type Open } from "./client.ts"
import { agentWith } from "./undici-agent.ts"
import { requestClient } from "./undici-request.ts"

export const open: Open = ({ origin, connections, retries }) => {
  const agent = agentWith(connections)
  const options = retries ? { maxRetries: RETRIES, minTimeout: 0 } : {}
  return () => requestClient(origin, new RetryAgent(agent, options))
}
