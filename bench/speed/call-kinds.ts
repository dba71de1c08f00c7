import type { Client } from "./clients/client.ts"
import { paths } from "./server/replies.ts"

/** What is sent by POST. */
const ORDER = { customer: 7, items: [{ sku: "A-1", quantity: 2 }], note: "leave it at the door" }

/** One call of each kind, as every client makes it. */
export const callKinds = {
  get: (client) => client.getJson(paths.small),
  post: (client) => client.postJson(paths.small, ORDER),
  large: (client) => client.getBytes(paths.large),
  unreliable: (client) => client.getJson(paths.unreliable),
  slow: (client) => client.getJson(paths.slow),
} satisfies Record<string, (client: Client) => Promise<unknown>>

/** A key of {@link callKinds}. */
export type CallKind = keyof typeof callKinds
