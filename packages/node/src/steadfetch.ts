import { steadfetch as overFetch, type Ability, type ClientOptions, type MethodsOf, type Steadfetch } from "steadfetch"
import { nodeRuntime } from "./node-runtime.ts"
import { undiciTransport } from "./undici-transport.ts"

/**
 * The client of `steadfetch`, on undici's dispatcher unless `transport` says otherwise.
 * @throws ConfigurationError for options that cannot work.
 */
export function steadfetch<const Abilities extends readonly Ability[] = []>(
  options: ClientOptions<Abilities> = {},
): Steadfetch<MethodsOf<Abilities>> {
  return overFetch<Abilities>({
    ...options,
    transport: options.transport ?? undiciTransport(),
    runtime: nodeRuntime(options.runtime),
  })
}
