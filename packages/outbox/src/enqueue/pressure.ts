import type { Clock } from "steadfetch"
import { OutboxError } from "../errors.ts"
import type { Settings } from "../settings.ts"
import type { Store } from "../store.ts"

/** So long what the store counted is good for; what this process adds meanwhile is counted here. */
const FRESH_MS = 1000

/** Refuses entries when too many wait, before anything is read or written. */
export class Pressure {
  readonly #store: Store
  readonly #limits: Settings["limits"]
  readonly #clock: Clock
  #entries = 0
  #bytes = 0
  /** How many are being added. */
  #underWay = 0
  #countedAt = Number.NEGATIVE_INFINITY
  #counting: Promise<void> | undefined

  constructor(store: Store, limits: Settings["limits"], clock: Clock) {
    this.#store = store
    this.#limits = limits
    this.#clock = clock
  }

  /** Adds an entry unless too many wait. @throws OutboxError "full"; what adding throws. */
  async admit<T>(add: () => Promise<T>): Promise<T> {
    if (this.#clock.now() - this.#countedAt >= FRESH_MS) await (this.#counting ??= this.#count())
    // Nothing comes in between the two: who is let in counts for the next one.
    this.#check()
    this.#underWay += 1
    try {
      return await add()
    } finally {
      this.#underWay -= 1
    }
  }

  #check(): void {
    const { entries, totalBytes } = this.#limits
    const full =
      this.#entries + this.#underWay >= entries
        ? `${this.#entries + this.#underWay} entries wait; limits.entries allows ${entries}`
        : this.#bytes >= totalBytes
          ? `the bodies of those that wait have ${this.#bytes} bytes; limits.totalBytes allows ${totalBytes}`
          : undefined
    if (full !== undefined)
      throw new OutboxError(
        "full",
        `the outbox is full: ${full}. Try later: nothing was added; if it does not drain, see whether run() is on and the API is up`,
      )
  }

  /** Notes an entry that was added. */
  added(bytes: number): void {
    this.#entries += 1
    this.#bytes += bytes
  }

  async #count(): Promise<void> {
    try {
      const counts = await this.#store.counts()
      this.#entries = counts.reduce((sum, { states }) => sum + states.waiting + states.sending, 0)
      this.#bytes = counts.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0)
      this.#countedAt = this.#clock.now()
    } finally {
      this.#counting = undefined
    }
  }
}
