import { limitFetch } from "./bundled-agent.ts"
import type { Open } from "./client.ts"

const headers = { "content-type": "application/json" }

export const open: Open = ({ origin, connections }) => {
  limitFetch(connections)
  return () => ({
    getJson: async (path) => (await fetch(`${origin}/${path}`)).json(),
    postJson: async (path, value) =>
      (await fetch(`${origin}/${path}`, { method: "POST", headers, body: JSON.stringify(value) })).json(),
    getBytes: async (path) => (await fetch(`${origin}/${path}`)).bytes(),
  })
}
