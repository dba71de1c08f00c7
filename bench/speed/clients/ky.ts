import ky from "ky"
import { limitFetch } from "./bundled-agent.ts"
import { RETRIES, type Open } from "./client.ts"

export const open: Open = ({ origin, connections, retries }) => {
  limitFetch(connections)
  const options = retries ? { retry: { limit: RETRIES, delay: () => 0 } } : {}
  return () => {
    const api = ky.create({ baseUrl: origin, ...options })
    return {
      getJson: (path) => api.get(path).json(),
      postJson: (path, value) => api.post(path, { json: value }).json(),
      getBytes: (path) => api.get(path).bytes(),
    }
  }
}
