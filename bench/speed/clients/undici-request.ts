import { request, setGlobalDispatcher, type Dispatcher } from "undici"
import type { Client, Open } from "./client.ts"
import { agentWith } from "./undici-agent.ts"

export const open: Open = ({ origin, connections }) => {
  setGlobalDispatcher(agentWith(connections))
  return () => requestClient(origin)
}

/** Calls `undici.request` and reads its body. */
export function requestClient(origin: string, dispatcher?: Dispatcher): Client {
  const options = dispatcher === undefined ? {} : { dispatcher }
  const post = { ...options, method: "POST", headers: { "content-type": "application/json" } } as const
  return {
    getJson: async (path) => (await request(`${origin}/${path}`, options)).body.json(),
    postJson: async (path, value) =>
      (await request(`${origin}/${path}`, { ...post, body: JSON.stringify(value) })).body.json(),
    getBytes: async (path) => (await request(`${origin}/${path}`, options)).body.bytes(),
  }
}
