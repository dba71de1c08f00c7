import { steadfetch as overFetch, type ClientOptions, type Steadfetch } from "steadfetch"
import { nodeClock } from "./node-clock.ts"
import { undiciTransport } from "./undici-transport.ts"

/**
 * The client of `steadfetch`, on undici's dispatcher unless `transport` says otherwise.
 * @throws ConfigurationError for options that cannot work.
 */
export function steadfetch(options: ClientOptions = {}): Steadfetch {
  return overFetch({
    ...options,
    transport: options.transport ?? undiciTransport(),
    runtime: { clock: nodeClock, ...options.runtime },
  })
}
