import got from "got"
import { RETRIES, type Open } from "./client.ts"
import { httpAgentWith } from "./http-agent.ts"

export const open: Open = ({ origin, connections, retries }) => {
  const agent = { http: httpAgentWith(connections) }
  const options = retries ? { retry: { limit: RETRIES, backoffLimit: 0, noise: 0 } } : {}
  return () => {
    const api = got.extend({ prefixUrl: origin, agent, ...options })
    return {
      getJson: (path) => api.get(path).json(),
      postJson: (path, value) => api.post(path, { json: value }).json(),
      getBytes: (path) => api.get(path).buffer(),
    }
  }
}
