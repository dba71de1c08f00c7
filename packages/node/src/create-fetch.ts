import { createFetch as withoutChannels, type DropInFetch, type FetchOptions } from "steadfetch"
import { nodeRuntime } from "./node-runtime.ts"

/**
 * The drop-in `fetch` of `steadfetch`, on the platform's fetch, with its events on Node's diagnostics channels.
 * @throws ConfigurationError for options out of range.
 */
export function createFetch(options: FetchOptions = {}): DropInFetch {
  return withoutChannels({ ...options, runtime: nodeRuntime(options.runtime) })
}
