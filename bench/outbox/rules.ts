import type { Rule } from "../soak/verdict.ts"
import { median } from "../speed/statistics.ts"
import type { Fleet } from "./fleet.ts"
import type { OutageFigures } from "./outage.ts"
import type { Scale } from "./scale.ts"
import type { Throughput } from "./throughput.ts"

/** All that is measured. */
export interface Measured {
  readonly throughputs: readonly Throughput[]
  readonly fleets: readonly Fleet[]
  readonly scales: readonly Scale[]
  readonly outage: OutageFigures
}

/** What must hold of it. */
export function rulesOf({ throughputs, fleets, scales, outage }: Measured): readonly Rule[] {
  const share = (of: (one: Throughput) => number): number => median(throughputs.map(of))
  return [
    atLeast("enqueue, of raw group-commit inserts", share((one) => one.enqueued / one.insertedRaw), 0.7),
    atLeast("delivery with 32 in flight, of store and client alone", share((one) => one.delivered / one.deliveredBare), 0.7),
    ...fleetRules(fleets),
    ...scaleRules(scales),
    {
      name: "outage of six hours: delivered",
      measured: `${outage.delivered} of ${outage.added}`,
      required: "all",
      isMet: outage.delivered === outage.added,
    },
    atMost("outage: the busiest minute after it, of normal", outage.afterMinute / outage.before, 1.2),
  ] // prettier-ignore
}

/** The middle one of what so many workers did. */
export function middle(fleets: readonly Fleet[], workers: number, latencyMs: number): Fleet {
  const same = fleets.filter((one) => one.workers === workers && one.latencyMs === latencyMs)
  const of = (pick: (one: Fleet) => number): number => median(same.map(pick))
  return {
    workers,
    latencyMs,
    perSecond: of((one) => one.perSecond),
    workersShare: of((one) => one.workersShare),
    serverShare: of((one) => one.serverShare),
  }
}

/** Cores that are used up to this are what limits more workers. */
const USED_UP = 0.85

function fleetRules(fleets: readonly Fleet[]): readonly Rule[] {
  const latencies = [...new Set(fleets.map(({ latencyMs }) => latencyMs))]
  return latencies.map((latencyMs) => {
    const [one, four] = [middle(fleets, 1, latencyMs), middle(fleets, 4, latencyMs)]
    const times = four.perSecond / one.perSecond
    const used = four.workersShare + four.serverShare
    return {
      name: `four workers on PostgreSQL, of one, an API of ${latencyMs} ms`,
      measured: `${times.toFixed(2)}, ${percent(used)} of the cores`,
      required: `>= 2.00, or ${percent(USED_UP)} of the cores`,
      isMet: times >= 2 || used >= USED_UP,
    }
  })
}

/** What counts is many of a kind: a thousand origins are another kind of work. */
function scaleRules([few, ...others]: readonly Scale[]): readonly Rule[] {
  if (few === undefined) return []
  return others
    .slice(0, 2)
    .flatMap((many) => [
      atMost(`enqueue, ${many.what}, of 1,000`, many.addMs / few.addMs, 1.2),
      atMost(`take and conclude, ${many.what}, of 1,000`, many.claimMs / few.claimMs, 1.2),
      atMost(`memory, ${many.what}, of a tenth`, many.megabytes / many.megabytesBefore, 1.2),
    ])
}

function atLeast(name: string, measured: number, least: number): Rule {
  return { name, measured: measured.toFixed(2), required: `>= ${least.toFixed(2)}`, isMet: measured >= least }
}

function atMost(name: string, measured: number, most: number): Rule {
  return { name, measured: measured.toFixed(2), required: `<= ${most.toFixed(2)}`, isMet: measured <= most }
}

export const percent = (share: number): string => `${(share * 100).toFixed(0)} %`
