import { create } from "axios"
import axiosRetry from "axios-retry"
import { RETRIES, type Open } from "./client.ts"
import { httpAgentWith } from "./http-agent.ts"

export const open: Open = ({ origin, connections, retries }) => {
  const httpAgent = httpAgentWith(connections)
  return () => {
    const api = create({ baseURL: origin, httpAgent })
    if (retries) axiosRetry(api, { retries: RETRIES })
    return {
      getJson: async (path) => (await api.get<unknown>(path)).data,
      postJson: async (path, value) => (await api.post<unknown>(path, value)).data,
      getBytes: async (path) => (await api.get<Buffer>(path, { responseType: "arraybuffer" })).data,
    }
  }
}
