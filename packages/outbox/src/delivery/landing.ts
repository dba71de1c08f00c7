import { Cancellation, fullJitterMs, pause, untilAborted } from "steadfetch"
import { describedEntry } from "../described-entry.ts"
import { OutboxError } from "../errors.ts"
import type { Parts } from "../parts.ts"
import { encodeResult } from "../sealing/content.ts"
import type { Conclusion } from "../store.ts"
import type { OutboxEvents, Told } from "../told.ts"
import { endOf, givenBackEnd, signOf, type End } from "./conclude.ts"
import type { Flight } from "./flight.ts"
import type { Gates } from "./gates.ts"
import type { Sign } from "./origin-gate.ts"
import { sending } from "./sending.ts"

/** An end that could not be written is tried again after up to so long, then up to twice as long, while the lease holds. */
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 5000

/** Sends an entry, and sees to it that its end is written down and told. */
export class Landing {
  readonly #parts: Parts
  readonly #told: Told
  readonly #gates: Gates
  readonly #givingUp = new Cancellation(undefined)

  constructor(parts: Parts, told: Told, gates: Gates) {
    this.#parts = parts
    this.#told = told
    this.#gates = gates
  }

  /** Ends what is not written yet. */
  giveUp(): void {
    this.#givingUp.cancel(undefined)
  }

  /** @param ended Told when the origin has room again, before the end is written. */
  async send(flight: Flight, ended: () => void): Promise<void> {
    const { runtime, settings } = this.#parts
    const { entry, ending } = flight
    let sign: Sign = { kind: "none" }
    let end: End
    try {
      const sent = await sending(this.#parts, entry, ending)
      sign = signOf(sent)
      end = endOf(entry, sent, settings, runtime)
      if (sent.error !== undefined) this.#told.trouble("an entry could not be sent", sent.error, entry.id)
    } catch (error) {
      if (!ending.aborted) throw error
      end = givenBackEnd(entry, runtime.clock.date())
    } finally {
      this.#gates.ended(entry.origin, sign, runtime.clock.now())
      ended()
    }
    await this.write(flight, end)
  }

  /** Writes an end, as long as the lease holds; then tells it. */
  async write(flight: Flight, { last, ...rest }: End): Promise<void> {
    const { sealer } = this.#parts
    const { entry } = flight
    const result = last === undefined ? entry.result : sealer.seal(entry.id, "result", encodeResult(last))
    const conclusion = { ...rest, result }
    if (!(await this.#conclude(flight, conclusion))) {
      const error = new OutboxError(
        "state",
        `the lease of entry ${entry.id} was lost; how its sending ended is not written down, and it may be sent again`,
      )
      return this.#told.trouble("a lease was lost", error, entry.id)
    }
    if (last !== undefined || conclusion.state === "expired") this.#tell(flight, conclusion)
  }

  async #conclude(flight: Flight, conclusion: Conclusion): Promise<boolean> {
    const { store, runtime } = this.#parts
    for (let tries = 1; !flight.isLost; tries++) {
      try {
        const concluded = await untilAborted(store.conclude(flight.lease, conclusion), this.#givingUp)
        return concluded === true
      } catch (error) {
        this.#told.trouble(`the end of a sending cannot be written to ${store.name}`, error, flight.entry.id)
      }
      if (this.#givingUp.aborted) return false
      const waitMs = fullJitterMs(tries, FIRST_WAIT_MS, LONGEST_WAIT_MS, LONGEST_WAIT_MS, runtime.random)
      await pause(runtime.clock, FIRST_WAIT_MS + waitMs, this.#givingUp)
    }
    return false
  }

  #tell({ entry }: Flight, conclusion: Conclusion): void {
    const { state } = conclusion
    const type: keyof OutboxEvents = state === "waiting" ? "retrying" : state
    if (!this.#told.isHeard(type)) return
    const { at, dueAt, tries, result } = conclusion
    const stored = { ...entry, state, version: entry.version + 1, changedAt: at, dueAt, tries, result }
    try {
      this.#told.tell(
        type,
        describedEntry(this.#parts, stored, (origin) => this.#gates.isClosed(origin)),
      )
    } catch (error) {
      this.#told.trouble(`an entry is ${state}, which cannot be told, as it cannot be read`, error, entry.id)
    }
  }
}
