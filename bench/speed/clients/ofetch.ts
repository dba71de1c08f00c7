import { ofetch } from "ofetch"
import { limitFetch } from "./bundled-agent.ts"
import { RETRIES, type Open } from "./client.ts"

export const open: Open = ({ origin, connections, retries }) => {
  limitFetch(connections)
  const options = retries ? { retry: RETRIES, retryDelay: 0 } : {}
  return () => {
    const api = ofetch.create({ baseURL: origin, ...options })
    return {
      getJson: (path) => api(path),
      postJson: (path, value) => api(path, { method: "POST", body: value as object }),
      getBytes: (path) => api(path, { responseType: "arrayBuffer" }),
    }
  }
}
