import type { Claimed } from "../store.ts"
import { OriginGate, type GateOptions, type GateStatus, type Sign } from "./origin-gate.ts"

/** A gate that nobody used for so long is forgotten, and with it what is known of its origin. */
const FORGOTTEN_AFTER_MS = 3_600_000

/** The gates of all origins that entries go to. */
export class Gates {
  readonly #options: GateOptions
  readonly #gates = new Map<string, OriginGate>()
  /** What each origin was granted in the claim under way. */
  readonly #granted = new Map<string, number>()
  #isLimiting = false

  constructor(options: GateOptions) {
    this.#options = options
  }

  /** Begins a claim. Returns how many more of an origin may be taken in it. */
  granting(now: number): (origin: string) => number {
    this.#granted.clear()
    // Of an origin that has nothing due the store may not ask.
    for (const [origin, gate] of this.#gates) if (gate.wantsEmptied) this.#granted.set(origin, gate.room(now))
    return (origin) => {
      const room = this.#of(origin, now).room(now)
      this.#granted.set(origin, room)
      return room
    }
  }

  /**
   * Notes what came of a claim.
   * @param isAll Whether all was taken for which there was room.
   * @returns When there may be room again for what was left; Infinity when that is not a matter of time.
   */
  claimed(claimed: readonly Claimed[], isAll: boolean, now: number): number {
    const taken = new Map<string, number>()
    for (const { entry } of claimed) taken.set(entry.origin, (taken.get(entry.origin) ?? 0) + 1)
    let opensAt = Number.POSITIVE_INFINITY
    this.#isLimiting = false
    for (const [origin, room] of this.#granted) {
      const gate = this.#of(origin, now)
      if ((taken.get(origin) ?? 0) >= room) {
        this.#isLimiting = true
        opensAt = Math.min(opensAt, gate.opensAt(now))
      } else if (isAll) gate.emptied(now)
    }
    return opensAt
  }

  /** Whether an origin was left with less room in the last claim than it may have entries due. */
  get isLimiting(): boolean {
    return this.#isLimiting
  }

  take(origin: string, now: number): void {
    this.#of(origin, now).take(now)
  }

  ended(origin: string, sign: Sign, now: number): void {
    this.#of(origin, now).ended(sign, now)
  }

  isClosed(origin: string): boolean {
    return this.#gates.get(origin)?.isClosed === true
  }

  status(origin: string, now: number, date: number): GateStatus | undefined {
    return this.#gates.get(origin)?.status(now, date)
  }

  /** Whether any gate wants to know how many wait. */
  wantsCounts(now: number): boolean {
    return [...this.#gates.values()].some((gate) => gate.wantsCount(now))
  }

  counted(origin: string, waiting: number, now: number): void {
    const gate = this.#gates.get(origin)
    if (gate?.wantsCount(now) === true) gate.counted(waiting, now)
  }

  /** Forgets origins that nothing was sent to for long. */
  forgetIdle(now: number): void {
    for (const [origin, gate] of this.#gates) if (gate.isIdle(now, FORGOTTEN_AFTER_MS)) this.#gates.delete(origin)
  }

  #of(origin: string, now: number): OriginGate {
    const gate = this.#gates.get(origin) ?? new OriginGate(this.#options, now)
    this.#gates.set(origin, gate)
    return gate
  }
}
