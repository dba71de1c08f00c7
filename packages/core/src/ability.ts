import { Call, type CallClass } from "./call.ts"
import { kindOf, refuse } from "./validation.ts"

/**
 * Methods that every call of a client gets besides its own; `this` is the call. Give abilities to `steadfetch()` as
 * `abilities: [paging, downloads]`; what is not imported weighs nothing.
 */
export type Ability = Readonly<Record<string, (this: Call, ...given: never[]) => unknown>>

/** The methods of several abilities together. */
export type MethodsOf<Abilities extends readonly Ability[]> = Abilities extends readonly [
  infer First,
  ...infer Rest extends readonly Ability[],
]
  ? First & MethodsOf<Rest>
  : unknown

/** Clients are derived more often than abilities are listed. */
const classes = new WeakMap<readonly Ability[], CallClass>()

/**
 * The class of the calls that have these abilities.
 * @throws ConfigurationError for what is no ability, and for a name that calls have already.
 */
export function callClass(abilities: readonly Ability[] | undefined): CallClass {
  if (abilities === undefined) return Call
  if (!Array.isArray(abilities)) refuse("abilities", kindOf(abilities), "a list: [paging, downloads]")
  const known = classes.get(abilities)
  if (known !== undefined) return known
  class AbleCall extends Call {}
  for (const ability of abilities) addMethods(AbleCall.prototype, ability)
  classes.set(abilities, AbleCall)
  return AbleCall
}

function addMethods(prototype: Call, ability: Ability): void {
  if (typeof ability !== "object" || ability === null) refuse("abilities", kindOf(ability), "paging, downloads, …")
  for (const [name, method] of Object.entries(ability)) {
    if (typeof method !== "function") refuse(`abilities: "${name}"`, kindOf(method), "a function")
    const known = (prototype as unknown as Ability)[name]
    if (known === method) continue
    if (name in prototype) refuse("abilities", `calls have "${name}" already`, "another name")
    Object.defineProperty(prototype, name, { value: method })
  }
}
