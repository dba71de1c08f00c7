import type { EntryState } from "../entry.ts"
import type { OriginCounts } from "../store.ts"

const NONE: Readonly<Record<EntryState, number>> = {
  waiting: 0,
  sending: 0,
  delivered: 0,
  rejected: 0,
  expired: 0,
  discarded: 0,
}

/** What the scripts count, as "STATE ORIGIN" and "bytes ORIGIN". */
export function countsOf(counted: Readonly<Record<string, string>>): readonly OriginCounts[] {
  const origins = new Map<string, { states: Record<EntryState, number>; bodyBytes: number }>()
  for (const [name, count] of Object.entries(counted)) {
    const [what = "", origin = ""] = name.split(" ")
    const of = origins.get(origin) ?? { states: { ...NONE }, bodyBytes: 0 }
    origins.set(origin, of)
    if (what === "bytes") of.bodyBytes = Number(count)
    else of.states[what as EntryState] = Number(count)
  }
  return [...origins]
    .map(([origin, of]) => ({ origin, ...of }))
    .filter(({ states }) => Object.values(states).some((count) => count > 0))
}
