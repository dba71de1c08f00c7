import type { Outgoing } from "./exchange.ts"
import { originOf } from "./url.ts"
import { checkFunction } from "./validation.ts"

/** What a policy keeps apart: requests with the same key share one state. */
export type KeyOf = (request: Outgoing) => string

/** The function of the request that a policy was given, or its default: the origin. @throws ConfigurationError for what is no function. */
export function requestKey(owner: string, given: KeyOf | undefined): KeyOf {
  checkFunction(`${owner}.key`, given)
  return given ?? ((request) => originOf(request.url))
}
