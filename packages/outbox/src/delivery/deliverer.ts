import { ABORTED, Cancellation, fullJitterMs, pause, untilAborted, type Signal } from "steadfetch"
import type { Parts } from "../parts.ts"
import type { Claimed } from "../store.ts"
import type { Told } from "../told.ts"
import { expiredEnd, givenBackEnd } from "./conclude.ts"
import { Flight } from "./flight.ts"
import type { Gates } from "./gates.ts"
import { Landing } from "./landing.ts"
import { LEASE_MS, Leases } from "./leases.ts"

/** Stores tell what other processes add as well as they can: they are asked at least so often. */
const POLL_MS = 5000

/** While an origin is held back, the store does not tell when the entries of others fall due: it is asked so often. */
const LIMITED_POLL_MS = 1000

/** A store that says that something is due, and gives nothing, is asked again after so long. */
const SPURIOUS_MS = 100

/** A store that failed is tried again after up to so long, then up to twice as long. */
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 10_000

/** What a claim under way takes, and sendings that were broken off, are given back within so long, or left to their leases. */
const GIVING_BACK_MS = 5000

/** Takes what is due, sends it, and writes down what came of it. */
export class Deliverer {
  readonly #parts: Parts
  readonly #told: Told
  readonly #gates: Gates
  readonly #leases: Leases
  readonly #stopping = new Cancellation(undefined)
  /** Fires when what is under way is to be broken off. */
  readonly #graceEnds = new Cancellation(undefined)
  /** Ends the waiting for a claim. */
  readonly #abandoning = new Cancellation(undefined)
  readonly #landing: Landing
  /** What the loop waits for; undefined while it is at work. */
  #sleep: Cancellation | undefined
  /** Whether something happened while the loop was at work. */
  #isStirred = false
  #loop: Promise<void> | undefined
  #stopped: Promise<void> | undefined
  /** Told when a flight is over. */
  #landed: (() => void) | undefined

  constructor(parts: Parts, told: Told, gates: Gates) {
    this.#parts = parts
    this.#told = told
    this.#gates = gates
    this.#leases = new Leases(parts.store, parts.runtime.clock, (what, error) => told.trouble(what, error))
    this.#landing = new Landing(parts, told, gates)
  }

  /** Begins; once. */
  run(): void {
    this.#loop ??= this.#deliver()
  }

  /** Something may be due. */
  wake(): void {
    this.#isStirred = true
    this.#sleep?.cancel(undefined)
  }

  /**
   * Takes nothing more, and resolves when all is written down that was under way; what takes longer is given back. Of several
   * graces the one that ends first counts.
   */
  async stop(graceMs: number): Promise<void> {
    const callOff = this.#parts.runtime.clock.after(graceMs, () => this.#graceEnds.cancel(undefined))
    this.#stopped ??= this.#stop()
    await this.#stopped.finally(callOff)
  }

  async #stop(): Promise<void> {
    const { clock } = this.#parts.runtime
    this.#stopping.cancel(undefined)
    const callOffAbandoning = clock.after(GIVING_BACK_MS, () => this.#abandoning.cancel(undefined))
    await this.#loop
    callOffAbandoning()
    await this.#allLanded(this.#graceEnds)
    for (const flight of this.#leases) flight.ending.cancel(new Error("the outbox was stopped"))
    const callOff = clock.after(GIVING_BACK_MS, () => this.#landing.giveUp())
    await this.#allLanded(undefined)
    callOff()
  }

  /** Resolves when nothing is under way any more, or the signal fires. */
  async #allLanded(signal: Signal | undefined): Promise<void> {
    const landed = new Cancellation(signal)
    this.#landed = () => {
      if (this.#leases.size === 0) landed.cancel(undefined)
    }
    this.#landed()
    await pause(this.#parts.runtime.clock, Number.POSITIVE_INFINITY, landed)
    landed.release()
    this.#landed = undefined
  }

  async #deliver(): Promise<void> {
    const { store, runtime, settings } = this.#parts
    const { clock, random } = runtime
    const unlisten = store.listen({ work: () => this.wake() })
    for (let failures = 0; !this.#stopping.aborted;) {
      const free = settings.concurrency.total - this.#leases.size
      // While all places are taken only the end of a sending matters, and that wakes.
      let until = Number.POSITIVE_INFINITY
      try {
        if (free > 0) until = await this.#claim(free)
        failures = 0
      } catch (error) {
        failures += 1
        this.#told.trouble(`nothing can be taken from ${store.name}`, error)
        const waitMs = fullJitterMs(failures, FIRST_WAIT_MS, LONGEST_WAIT_MS, LONGEST_WAIT_MS, random)
        await pause(clock, FIRST_WAIT_MS + waitMs, this.#stopping)
        continue
      }
      const pollMs = this.#gates.isLimiting ? LIMITED_POLL_MS : POLL_MS
      await this.#rest(free > 0 ? Math.min(until, clock.now() + pollMs) : until)
    }
    unlisten()
  }

  /** Takes what is due, as far as there is room. Returns when to look again, if nothing happens before. */
  async #claim(free: number): Promise<number> {
    const { store, runtime } = this.#parts
    const { clock } = runtime
    const at = clock.date()
    const now = clock.now()
    const room = this.#gates.granting(now)
    const claims = store.claim({ at, leaseUntil: at + LEASE_MS, most: free, room })
    const taken = await untilAborted(claims, this.#abandoning)
    if (taken === ABORTED) return now
    const { claimed, nextAt } = taken
    if (this.#stopping.aborted) {
      this.#giveBack(claimed, now)
      return now
    }
    for (const each of claimed) this.#begin(each, at, now)
    const isAll = claimed.length < free
    const opensAt = this.#gates.claimed(claimed, isAll, clock.now())
    // A place comes free when a sending ends, and an origin opens by itself.
    if (nextAt === undefined || !isAll) return opensAt
    const dueInMs = nextAt - clock.date()
    if (dueInMs > 0) return Math.min(opensAt, clock.now() + dueInMs)
    return this.#gates.isLimiting ? opensAt : clock.now() + SPURIOUS_MS
  }

  #begin(claimed: Claimed, at: number, now: number): void {
    const { entry } = claimed
    const flight = new Flight(claimed, now + LEASE_MS)
    if (entry.expiresAt <= at)
      return this.#hold(flight, this.#landing.write(flight, expiredEnd(this.#parts, entry, at)))
    this.#gates.take(entry.origin, now)
    this.#hold(
      flight,
      this.#landing.send(flight, () => this.wake()),
    )
  }

  /** What a claim took that came too late. */
  #giveBack(claimed: readonly Claimed[], now: number): void {
    for (const each of claimed) {
      const flight = new Flight(each, now + LEASE_MS)
      this.#hold(flight, this.#landing.write(flight, givenBackEnd(each.entry, this.#parts.runtime.clock.date())))
    }
  }

  /** Keeps the lease of an entry until its end is written, or given up. */
  #hold(flight: Flight, end: Promise<void>): void {
    this.#leases.add(flight)
    void end
      .catch((error: unknown) => this.#told.trouble("an entry is left to its lease", error, flight.entry.id))
      .finally(() => {
        this.#leases.delete(flight)
        this.wake()
        this.#landed?.()
      })
  }

  async #rest(until: number): Promise<void> {
    const { clock } = this.#parts.runtime
    if (!this.#isStirred) {
      this.#sleep = new Cancellation(this.#stopping)
      await pause(clock, until - clock.now(), this.#sleep)
      this.#sleep.release()
      this.#sleep = undefined
    }
    this.#isStirred = false
  }
}
