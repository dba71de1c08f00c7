import { Events, seededRandom, type Listeners, type Runtime } from "steadfetch"
import { virtualClock, type VirtualClock } from "./virtual-clock.ts"

/** Ids that count: `id-1`, `id-2`, … */
export function sequentialIds(prefix = "id"): () => string {
  let last = 0
  return () => `${prefix}-${++last}`
}

/** Options of {@link testRuntime}. */
export interface TestRuntimeOptions {
  /** Of the random numbers. Default 1. */
  readonly seed?: number
  /** The time to go by. Default: a virtual clock of its own. */
  readonly clock?: VirtualClock
  /** The origin of the web page that the test plays in. Default: none. */
  readonly pageOrigin?: string
  /** Listeners: `{ "attempt-ended": (event) => … }`. */
  readonly on?: Listeners
}

/** A runtime whose time and randomness a test owns. */
export interface TestRuntime extends Runtime {
  readonly clock: VirtualClock
}

/** All that a client takes from its surroundings, repeatable: virtual time, seeded randomness, ids that count. */
export function testRuntime(options: TestRuntimeOptions = {}): TestRuntime {
  return {
    clock: options.clock ?? virtualClock(),
    random: seededRandom(options.seed ?? 1),
    uniqueId: sequentialIds(),
    pageOrigin: options.pageOrigin,
    events: new Events(options.on),
  }
}
