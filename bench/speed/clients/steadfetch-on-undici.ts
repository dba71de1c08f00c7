import { steadfetch } from "@steadfetch/node"
import { setGlobalDispatcher } from "undici"
import type { Open } from "./client.ts"
import { steadfetchClient } from "./steadfetch-client.ts"
import { agentWith } from "./undici-agent.ts"

export const open: Open = (ground) => {
  setGlobalDispatcher(agentWith(ground.connections))
  return () => steadfetchClient(ground, steadfetch)
}
