import { steadfetch } from "steadfetch"
import { limitFetch } from "./bundled-agent.ts"
import type { Open } from "./client.ts"
import { steadfetchClient } from "./steadfetch-client.ts"

export const open: Open = (ground) => {
  limitFetch(ground.connections)
  return () => steadfetchClient(ground, steadfetch)
}
