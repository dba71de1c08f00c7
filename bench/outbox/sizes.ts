import type { FleetSizes } from "./fleet.ts"

/** How much of everything is measured. */
export interface Sizes {
  readonly rounds: number
  readonly entries: number
  readonly fleets: FleetSizes
  readonly waiting: number
  readonly scaleRounds: number
}

export const FULL: Sizes = {
  rounds: 5,
  entries: 10_000,
  fleets: { rounds: 3, entries: { fast: 4000, slow: 3000 } },
  waiting: 1_000_000,
  scaleRounds: 200,
}

/** To try it out. */
export const QUICK: Sizes = {
  rounds: 2,
  entries: 2000,
  fleets: { rounds: 1, entries: { fast: 600, slow: 600 } },
  waiting: 20_000,
  scaleRounds: 20,
}
