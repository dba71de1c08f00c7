import type { AttemptRecord, CallRecord } from "./call-record.ts"
import type { Outcome } from "./outcome.ts"
import { knownOptions, refuse, shown } from "./validation.ts"

/** What can be listened to, and what a listener is told. URLs come redacted; records hold no credentials. */
export interface EventMap {
  /** A call begins. */
  readonly "call-started": { readonly call: CallRecord }
  /** A request goes out on the wire. */
  readonly "attempt-started": { readonly call: CallRecord; readonly attempt: AttemptRecord }
  /** It got a reply or failed. */
  readonly "attempt-ended": { readonly call: CallRecord; readonly attempt: AttemptRecord; readonly outcome: Outcome }
  /** The call waits before its next attempt. */
  readonly waiting: {
    readonly call: CallRecord
    readonly attempt: AttemptRecord
    readonly waitMs: number
    /** How much of it the server asked for; 0 when it named no time. */
    readonly askedMs: number
    readonly why: string
  }
  /** What a retry budget holds for an origin, after a success, and after it paid for or refused a retry or hedge. */
  readonly budget: {
    /** The policy whose it is. */
    readonly policy: string
    readonly key: string
    readonly tokens: number
    /** The most tokens that it can hold. */
    readonly capacity: number
  }
  /** A policy holds an attempt back, for as long as it knows now, before it goes out. */
  readonly held: { readonly call: CallRecord; readonly policy: string; readonly key: string; readonly waitMs: number }
  /** A policy did not let an attempt go out. */
  readonly rejected: { readonly call: CallRecord; readonly policy: string; readonly key: string; readonly why: string }
  /** What a policy thinks of a key has changed: a breaker's state, a limit, a rate, an endpoint's health. */
  readonly changed: {
    readonly policy: string
    readonly key: string
    readonly state: string
    readonly why: string
    readonly numbers: Readonly<Record<string, number>>
  }
  /** A hedge goes out beside an attempt that takes long. */
  readonly hedged: { readonly call: CallRecord; readonly afterMs: number }
  /** A call was answered without an attempt of its own. */
  readonly served: { readonly call: CallRecord; readonly policy: string; readonly why: string }
  /** The call is over. Without an outcome it ended by a defect: a refused credential, a body source that threw. */
  readonly "call-ended": { readonly call: CallRecord; readonly outcome: Outcome | undefined }
}

/** Told of an event as it happens. What it throws does not disturb the call; it surfaces as an uncaught exception. */
export type Listener<K extends keyof EventMap> = (event: EventMap[K]) => void

/** Listeners given with the options of a client: `{ "attempt-ended": (event) => … }`. */
export type Listeners = { readonly [K in keyof EventMap]?: Listener<K> | undefined }

const TYPES: readonly string[] = [
  "call-started", "attempt-started", "attempt-ended", "waiting", "budget", "held", "rejected", "changed", "hedged", "served", "call-ended",
] // prettier-ignore

/** The events of one client. Nothing is built for an event that nobody hears. */
export class Events {
  readonly #listeners = new Map<keyof EventMap, Set<(event: never) => void>>()

  constructor(listeners: Listeners = {}) {
    this.onAll(listeners)
  }

  /** Listens to several events at once. */
  onAll(listeners: Listeners): void {
    knownOptions("on", listeners, TYPES)
    for (const type of Object.keys(listeners) as (keyof EventMap)[]) {
      const listener = listeners[type]
      if (listener !== undefined) this.on(type, listener as Listener<typeof type>)
    }
  }

  /** Listens; returns how to stop. @throws ConfigurationError for an event that there is not. */
  on<K extends keyof EventMap>(type: K, listener: Listener<K>): () => void {
    knownOptions("on", { [type]: listener }, TYPES)
    if (typeof listener !== "function") refuse(`on.${type}`, shown(listener), "a function")
    const heard = this.#listeners.get(type) ?? new Set()
    this.#listeners.set(type, heard.add(listener))
    return () => {
      heard.delete(listener)
      if (heard.size === 0 && this.#listeners.get(type) === heard) this.#listeners.delete(type)
    }
  }

  /** Whether anyone listens: ask before building an event. */
  heard(type: keyof EventMap): boolean {
    return this.#listeners.has(type)
  }

  emit<K extends keyof EventMap>(type: K, event: EventMap[K]): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      try {
        ;(listener as Listener<K>)(event)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
