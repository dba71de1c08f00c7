import type { GateStatus } from "./delivery/origin-gate.ts"
import type { EntryState } from "./entry.ts"
import type { Gates } from "./delivery/gates.ts"
import type { Parts } from "./parts.ts"

/** How many entries there are, and how their origins stand. */
export interface OutboxStatistics {
  readonly states: Readonly<Record<EntryState, number>>
  /** Bytes of the bodies of those that wait or are being sent. */
  readonly bodyBytes: number
  readonly origins: readonly OriginStatistics[]
}

/** Of one origin. */
export interface OriginStatistics {
  readonly origin: string
  readonly states: Readonly<Record<EntryState, number>>
  readonly bodyBytes: number
  /** How it stands with this process; undefined when that has sent it nothing lately. */
  readonly gate: GateStatus | undefined
}

const NONE: Readonly<Record<EntryState, number>> = { waiting: 0, sending: 0, delivered: 0, rejected: 0, expired: 0, discarded: 0 } // prettier-ignore

export const ENTRY_STATES: readonly EntryState[] = Object.keys(NONE) as EntryState[]

/** Counts of the store, at most a few seconds old. */
export async function statistics({ store, runtime }: Parts, gates: Gates): Promise<OutboxStatistics> {
  const { clock } = runtime
  const states = { ...NONE }
  let bodyBytes = 0
  const origins = (await store.counts()).map((counts): OriginStatistics => {
    for (const state of ENTRY_STATES) states[state] += counts.states[state]
    bodyBytes += counts.bodyBytes
    return { ...counts, gate: gates.status(counts.origin, clock.now(), clock.date()) }
  })
  return { states, bodyBytes, origins }
}
