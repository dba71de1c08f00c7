import type { Clock } from "steadfetch"
import type { Store } from "../store.ts"
import type { Flight } from "./flight.ts"

/** A worker that dies leaves its entries to others after so long. */
export const LEASE_MS = 60_000

/** Leases are renewed when a third of them is over; looked at twice as often, so that a failed renewal is made up for. */
const RENEWED_AFTER_MS = LEASE_MS / 3
const LOOKS_EVERY_MS = LEASE_MS / 6

/** Keeps the leases of what is in flight. */
export class Leases {
  readonly #store: Store
  readonly #clock: Clock
  readonly #trouble: (what: string, error: unknown) => void
  readonly #flights = new Set<Flight>()
  #callOff: (() => void) | undefined
  #isRenewing = false

  constructor(store: Store, clock: Clock, trouble: (what: string, error: unknown) => void) {
    this.#store = store
    this.#clock = clock
    this.#trouble = trouble
  }

  get size(): number {
    return this.#flights.size
  }

  [Symbol.iterator](): Iterator<Flight> {
    return this.#flights.values()
  }

  add(flight: Flight): void {
    this.#flights.add(flight)
    this.#callOff ??= this.#clock.after(LOOKS_EVERY_MS, () => this.#look())
  }

  delete(flight: Flight): void {
    this.#flights.delete(flight)
    if (this.#flights.size > 0) return
    this.#callOff?.()
    this.#callOff = undefined
  }

  #look(): void {
    this.#callOff = this.#clock.after(LOOKS_EVERY_MS, () => this.#look())
    const now = this.#clock.now()
    for (const flight of this.#flights) if (flight.leaseEndsAt <= now) flight.lose()
    const aging = [...this.#flights].filter(
      ({ leaseEndsAt, isLost }) => !isLost && leaseEndsAt - now <= LEASE_MS - RENEWED_AFTER_MS,
    )
    if (aging.length > 0 && !this.#isRenewing) void this.#renew(aging)
  }

  async #renew(aging: readonly Flight[]): Promise<void> {
    this.#isRenewing = true
    const endsAt = this.#clock.now() + LEASE_MS
    try {
      const leases = aging.map(({ lease }) => lease)
      const lost = await this.#store.renew(leases, this.#clock.date() + LEASE_MS)
      for (const flight of aging) {
        const { id, token } = flight.lease
        if (lost.some((one) => one.id === id && one.token === token)) flight.lose()
        else flight.leaseEndsAt = endsAt
      }
    } catch (error) {
      this.#trouble("leases could not be renewed", error)
    } finally {
      this.#isRenewing = false
    }
  }
}
