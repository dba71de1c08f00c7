import { limitFetch } from "./bundled-agent.ts"
import type { Open } from "./client.ts"

const headers = { "content-type": "application/json" }

/** fetch as anyone must call it who wants to be able to end it. */
export const open: Open = ({ origin, connections }) => {
  limitFetch(connections)
  const send = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${origin}/${path}`, { ...init, signal: new AbortController().signal })
  return () => ({
    getJson: async (path) => (await send(path)).json(),
    postJson: async (path, value) =>
      (await send(path, { method: "POST", headers, body: JSON.stringify(value) })).json(),
    getBytes: async (path) => (await send(path)).bytes(),
  })
}
