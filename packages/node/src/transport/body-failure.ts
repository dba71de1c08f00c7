import { failure, signalFailure, type Failure, type Signal } from "steadfetch"

/** What ended a body early: the attempt's signal, or whatever broke it off. */
export function brokenBody(error: unknown, signal: Signal | undefined): Failure {
  if (signal?.aborted === true) return signalFailure(signal.reason)
  return failure("broken-body", `the body broke off: ${error instanceof Error ? error.message : String(error)}`, error)
}
