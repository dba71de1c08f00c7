import type { CallContext } from "../../call.ts"

/**
 * A URL of the server's without the query parameters that the client adds by itself to every URL of its origin: what the
 * server repeats of them would be sent twice.
 */
export function withoutClientQuery(context: CallContext, address: string): URL {
  const url = new URL(address)
  const sent = new URL(context.request("GET", url, {}).context.address())
  for (const [name, value] of [...sent.searchParams].slice(url.searchParams.size)) {
    if (url.searchParams.has(name, value)) url.searchParams.delete(name, value)
  }
  return url
}
