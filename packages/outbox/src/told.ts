import { checkFunction, knownOptions } from "steadfetch"
import type { Entry } from "./entry.ts"

/** Something that did not go as it should, and that the outbox goes on after. */
export interface Trouble {
  /** What it was about, in words. */
  readonly what: string
  /** The entry that it was about, if one. */
  readonly id: string | undefined
  readonly error: unknown
}

/** What can be listened to. Each entry's end is told in the process that sent it, after it was written. */
export interface OutboxEvents {
  /** The API accepted it. */
  readonly delivered: Entry
  /** The API refused it; nobody sends it again before it is amended. */
  readonly rejected: Entry
  /** Its lifetime has ended. */
  readonly expired: Entry
  /** It will be sent again at `dueAt`. */
  readonly retrying: Entry
  /** The store is away, a lease was lost, a listener threw. */
  readonly trouble: Trouble
}

/**
 * Listeners: `{ rejected: (entry) => … }`. What one throws, or its promise rejects with, disturbs no delivery: it is told as
 * `trouble`; where nobody listens to that, it is an uncaught error of the process.
 */
export type OutboxListeners = {
  readonly [K in keyof OutboxEvents]?: ((event: OutboxEvents[K]) => unknown) | undefined
}

const TYPES: readonly string[] = ["delivered", "rejected", "expired", "retrying", "trouble"]

/** Who is told what. */
export class Told {
  readonly #listeners = new Map<keyof OutboxEvents, Set<(event: never) => void>>()

  constructor(listeners: OutboxListeners = {}) {
    knownOptions("on", listeners, TYPES)
    for (const type of Object.keys(listeners) as (keyof OutboxEvents)[]) {
      const listener = listeners[type]
      if (listener !== undefined) this.on<typeof type>(type, listener as (event: OutboxEvents[typeof type]) => unknown)
    }
  }

  /** @throws ConfigurationError for an event that there is not. */
  on<K extends keyof OutboxEvents>(type: K, listener: (event: OutboxEvents[K]) => unknown): () => void {
    knownOptions("on", { [type]: listener }, TYPES)
    checkFunction(`on.${type}`, listener ?? null)
    const heard = this.#listeners.get(type) ?? new Set()
    this.#listeners.set(type, heard.add(listener))
    return () => heard.delete(listener)
  }

  /** Whether anyone listens: ask before building an event. */
  isHeard(type: keyof OutboxEvents): boolean {
    return (this.#listeners.get(type)?.size ?? 0) > 0
  }

  tell<K extends keyof OutboxEvents>(type: K, event: OutboxEvents[K]): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      try {
        const told = (listener as (event: OutboxEvents[K]) => unknown)(event)
        if (told instanceof Promise) told.catch((error: unknown) => this.#threw(type, error))
      } catch (error) {
        this.#threw(type, error)
      }
    }
  }

  trouble(what: string, error: unknown, id?: string): void {
    this.tell("trouble", { what, id, error })
  }

  #threw(type: keyof OutboxEvents, error: unknown): void {
    if (type !== "trouble" && this.isHeard("trouble")) return this.trouble(`a listener of "${type}" threw`, error)
    queueMicrotask(() => {
      throw error
    })
  }
}
