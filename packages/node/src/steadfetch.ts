import { steadfetch as overFetch, type Ability, type ClientOptions, type MethodsOf, type Steadfetch } from "steadfetch"
import { withNodeAbilities, type NodeMethods } from "./abilities.ts"
import { nodeRuntime } from "./node-runtime.ts"
import { undiciTransport } from "./transport/undici-transport.ts"

/**
 * The client of `steadfetch`, on undici's dispatcher unless `transport` says otherwise; its calls have every ability that
 * there is.
 * @throws ConfigurationError for options that cannot work.
 */
export function steadfetch<const Abilities extends readonly Ability[] = []>(
  options: ClientOptions<Abilities> = {},
): Steadfetch<NodeMethods<MethodsOf<Abilities>>> {
  // The types promise the methods that the abilities put there.
  return overFetch<readonly Ability[]>({
    ...options,
    abilities: withNodeAbilities(options.abilities),
    transport: options.transport ?? undiciTransport(),
    runtime: nodeRuntime(options.runtime),
  }) as Steadfetch<NodeMethods<MethodsOf<Abilities>>>
}
