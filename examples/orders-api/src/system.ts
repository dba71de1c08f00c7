import { randomUUID } from "node:crypto"
import { setTimeout as wait } from "node:timers/promises"

/** Time and chance, as the API meets them. Tests bring their own. */
export interface Surroundings {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** A new unguessable identifier: orders, requests and tokens are named by it. */
  readonly uuid: () => string
  /** Resolves after `delayMs`, or at once when `signal` is aborted. */
  readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>
}

/** The machine's clock, its timers and its secure random numbers. */
export const systemSurroundings: Surroundings = {
  now: () => Date.now(),
  uuid: () => randomUUID(),
  wait: (delayMs, signal) =>
    wait(delayMs, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    }),
}
