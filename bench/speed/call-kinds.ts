import { inspect, isDeepStrictEqual } from "node:util"
import type { Client } from "./clients/client.ts"
import { LARGE_BYTES, paths, SMALL } from "./server/replies.ts"

/** What is sent by POST. */
const ORDER = { customer: 7, items: [{ sku: "A-1", quantity: 2 }], note: "leave it at the door" }

const calls = {
  get: (client) => client.getJson(paths.small),
  post: (client) => client.postJson(paths.small, ORDER),
  large: (client) => client.getBytes(paths.large),
  unreliable: (client) => client.getJson(paths.unreliable),
  slow: (client) => client.getJson(paths.slow),
} satisfies Record<string, (client: Client) => Promise<unknown>>

/** What is asked for. */
export type CallKind = keyof typeof calls

/**
 * One call of a kind, as every client makes it, once it has shown that it gets the right answer.
 * @throws Error when it does not: its speed would mean nothing.
 */
export async function provenCall(kind: CallKind, client: Client): Promise<() => Promise<unknown>> {
  const call = (): Promise<unknown> => calls[kind](client)
  const got = await call()
  const length = got instanceof ArrayBuffer || got instanceof Uint8Array ? got.byteLength : undefined
  if (kind === "large" ? length !== LARGE_BYTES : !isDeepStrictEqual(got, SMALL))
    throw new Error(`"${kind}" got the wrong answer: ${inspect(got)}`)
  return call
}
