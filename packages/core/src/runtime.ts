import type { Events } from "./events.ts"

/** Time. `now` never goes back and serves for durations and deadlines; `date` is the time of day. */
export interface Clock {
  /** Milliseconds since some fixed instant. */
  now(): number
  /** Milliseconds since 1970-01-01 UTC. */
  date(): number
  /** Runs something once after so many milliseconds, however many; returns how to call it off. */
  after(delayMs: number, run: () => void): () => void
}

/** All that is not a function of its input: injected, so that tests own it. */
export interface Runtime {
  readonly clock: Clock
  /** A number from 0 up to but not including 1. */
  readonly random: () => number
  /** A text that no other call has or will have. */
  readonly uniqueId: () => string
  /** The origin of the web page or worker this runs in; undefined outside browsers. */
  readonly pageOrigin: string | undefined
  readonly events: Events
}

/** Uniform random numbers; for jitter, not for secrets. */
export const systemRandom: () => number = Math.random

/** A UUID, which is what some APIs insist on; where it is missing (pages without TLS), as many random bits. */
export function systemUniqueId(): string {
  return crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join("-")
}

/** The origin of the page or worker, in browsers, extensions and apps. Deno's workers have a location without origin. */
export function systemPageOrigin(
  place: { readonly origin: string } | undefined = globalThis.location,
): string | undefined {
  return place?.origin === "null" ? undefined : place?.origin
}
