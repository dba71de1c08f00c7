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

/** A version 4 UUID (RFC 9562). Also works in insecure contexts, where `crypto.randomUUID` is missing. */
export function systemUniqueId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")
}

/** The origin of the page or worker, in browsers. */
export function systemPageOrigin(): string | undefined {
  return typeof location === "object" && location !== null && /^https?:/.test(location.origin)
    ? location.origin
    : undefined
}
