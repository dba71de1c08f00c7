import { Cancellation, pause, untilAborted } from "steadfetch"
import type { EntryState } from "../entry.ts"
import type { Parts } from "../parts.ts"
import type { Told } from "../told.ts"
import type { Gates } from "./gates.ts"

/** How often what is kept is looked through. */
const EVERY_MS = 60_000

/** So many entries are removed at once; the rest after a breath. */
const MOST_REMOVED = 1000
const BREATH_MS = 1000

/** What is under way is waited for as long when it is stopped: a store that is away may never answer. */
const STOPS_WITHIN_MS = 5000

/** What is to be done now and then while an outbox delivers. */
export class Upkeep {
  readonly #parts: Parts
  readonly #told: Told
  readonly #gates: Gates
  readonly #stopping = new Cancellation(undefined)
  #loop: Promise<void> | undefined

  constructor(parts: Parts, told: Told, gates: Gates) {
    this.#parts = parts
    this.#told = told
    this.#gates = gates
  }

  /** Begins; once. */
  run(): void {
    this.#loop ??= this.#keepUp()
  }

  async stop(): Promise<void> {
    this.#stopping.cancel(undefined)
    if (this.#loop === undefined) return
    const abandoning = new Cancellation(undefined)
    const callOff = this.#parts.runtime.clock.after(STOPS_WITHIN_MS, () => abandoning.cancel(undefined))
    await untilAborted(this.#loop, abandoning)
    callOff()
  }

  async #keepUp(): Promise<void> {
    const { clock, random } = this.#parts.runtime
    while (!this.#stopping.aborted) {
      let isAll = true
      try {
        await this.#count()
        isAll = await this.#remove()
      } catch (error) {
        this.#told.trouble(`${this.#parts.store.name} cannot be kept in order`, error)
      }
      this.#gates.forgetIdle(clock.now())
      // Several processes do not come at the same time.
      await pause(clock, isAll ? EVERY_MS * (0.75 + random() / 2) : BREATH_MS, this.#stopping)
    }
  }

  /** Tells the gates that drain how many still wait. */
  async #count(): Promise<void> {
    const now = this.#parts.runtime.clock.now()
    if (!this.#gates.wantsCounts(now)) return
    for (const { origin, states } of await this.#parts.store.counts()) this.#gates.counted(origin, states.waiting, now)
  }

  /** Whether all was removed whose time to be kept has ended. */
  async #remove(): Promise<boolean> {
    const { store, runtime, settings } = this.#parts
    const { deliveredMs, rejectedMs, expiredMs, discardedMs } = settings.keep
    const times: readonly (readonly [EntryState, number])[] = [
      ["delivered", deliveredMs], ["rejected", rejectedMs], ["expired", expiredMs], ["discarded", discardedMs],
    ] // prettier-ignore
    let isAll = true
    for (const [state, keptMs] of times) {
      if (keptMs === Number.POSITIVE_INFINITY || this.#stopping.aborted) continue
      const removed = await store.remove([state], runtime.clock.date() - keptMs, MOST_REMOVED)
      isAll &&= removed < MOST_REMOVED
    }
    return isAll
  }
}
