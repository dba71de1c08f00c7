import { ABORTED, checkSignal, pause, untilAborted, Cancellation, type Clock, type Signal } from "steadfetch"
import { unknownEntry } from "./changes.ts"
import { closedOutbox } from "./errors.ts"
import type { Store, StoredEntry } from "./store.ts"

/** Another process may settle an entry without telling: it is looked at after so long, then after ever longer times. */
const FIRST_LOOK_MS = 1000
const LONGEST_LOOK_MS = 30_000

const OPEN: readonly string[] = ["waiting", "sending"]

/** Waits for entries to be settled. However many wait, the store has one listener, and none when nobody does. */
export class Settling {
  readonly #store: Store
  readonly #clock: Clock
  readonly #waiting = new Map<string, Set<() => void>>()
  #unlisten: (() => void) | undefined
  #isClosed = false

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Ends all waiting. */
  close(): void {
    this.#isClosed = true
    for (const watchers of this.#waiting.values()) for (const tell of watchers) tell()
  }

  /** The entry once it is settled. @throws OutboxError "unknown", or "store" when it is closed; the signal's reason. */
  async settled(id: string, signal: Signal | undefined): Promise<StoredEntry> {
    checkSignal(signal)
    for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(lookMs * 1.5, LONGEST_LOOK_MS)) {
      if (signal?.aborted === true) throw signal.reason
      if (this.#isClosed) throw closedOutbox()
      // Listens before it looks, so that nothing happens in between.
      const changed = new Cancellation(signal)
      const forget = this.#watch(id, () => changed.cancel(undefined))
      try {
        const entry = await untilAborted(this.#store.read(id), signal)
        if (entry === ABORTED) throw signal?.reason
        if (entry === undefined) throw unknownEntry(id)
        if (!OPEN.includes(entry.state)) return entry
        await pause(this.#clock, lookMs, changed)
      } finally {
        forget()
        changed.release()
      }
    }
  }

  #watch(id: string, changed: () => void): () => void {
    const watchers = this.#waiting.get(id) ?? new Set()
    this.#waiting.set(id, watchers.add(changed))
    this.#unlisten ??= this.#store.listen({
      changed: (id) => {
        for (const tell of this.#waiting.get(id) ?? []) tell()
      },
    })
    return () => {
      watchers.delete(changed)
      if (watchers.size === 0) this.#waiting.delete(id)
      if (this.#waiting.size > 0) return
      this.#unlisten?.()
      this.#unlisten = undefined
    }
  }
}
