import type { Plan } from "./torture.ts"

/** Instants in the life of one outbox: then what it has is delivered and looked through, and another one begins. */
export const INSTANTS_OF_ONE = 10

const COMMON = { instants: INSTANTS_OF_ONE, processes: 2, speed: 20 } as const

/** The long form. */
export const plans = (seed: number): readonly Plan[] => [
  { ...COMMON, seed, kind: "postgres", outboxes: 5 },
  { ...COMMON, seed, kind: "redis", outboxes: 5 },
  { ...COMMON, seed, kind: "sqlite", outboxes: 20 },
]
