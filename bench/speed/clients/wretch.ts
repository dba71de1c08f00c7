import wretch from "wretch"
import { retry } from "wretch/middlewares"
import { limitFetch } from "./bundled-agent.ts"
import { RETRIES, type Open } from "./client.ts"

export const open: Open = ({ origin, connections, retries }) => {
  limitFetch(connections)
  return () => {
    const base = wretch(origin)
    const api = retries ? base.middlewares([retry({ maxAttempts: RETRIES, delayTimer: 0 })]) : base
    return {
      getJson: (path) => api.get(`/${path}`).json(),
      postJson: (path, value) => api.post(value, `/${path}`).json(),
      getBytes: (path) => api.get(`/${path}`).arrayBuffer(),
    }
  }
}
