import { hedge, lowLatency, standard, type Policy } from "steadfetch"
import { atLeast, atMost, milliseconds, percent, type Bar, type Experiment, type Findings } from "../findings.ts"
import { bestP99Ms } from "../simulation/best-hedge.ts"
import { hedging, naiveHedge, type HedgingEnd } from "../simulation/hedging.ts"
import { SEED } from "./seeds.ts"

/** Of the bar on the 99th percentile, and of every other figure. */
const CALLS = { ofTail: 50_000, ofOthers: 20_000 }

const SHARES = [0, 0.02, 0.05, 0.06]

interface Way {
  readonly name: string
  readonly isOurs?: boolean
  policies(): readonly Policy[]
}

const percentile = (percentile: number, isOurs = false): Way => ({
  name: `lowLatency(), percentile ${percentile}`,
  isOurs,
  policies: () => lowLatency({ hedge: { percentile } }),
})

const fixed = (afterMs: number): Way => ({
  name: `a fixed delay of ${afterMs} ms`,
  policies: () => standard({ add: [hedge({ afterMs, budget: false })] }),
})

/** The percentile for an extra load of 7 %: the default of 95 is for one of 5 %. */
const FOR_P99 = 93.1

const OURS = percentile(95, true)

const WAYS: readonly Way[] = [
  { name: "no hedges", policies: () => standard() },
  OURS,
  percentile(FOR_P99),
  percentile(91),
  { name: "95th percentile of the winners", policies: () => [naiveHedge()] },
  fixed(10),
  fixed(20),
]

export const hedgingExperiment: Experiment = {
  id: "E",
  title: "Hedging",
  text: `Replies take 5 ± 2 ms (lognormal), a share of them ten times as long, whatever the load; ${CALLS.ofOthers.toLocaleString("en")} calls, one after
another. A hedge goes out when a reply takes longer than a percentile of those before. Extra load is requests beyond the first per call.

A hedge that learns from the answers that won takes its own success for a faster server, and so hedges more than was asked for: what was cut off has to
count as having taken longer. At 5 % of stragglers the 95th percentile lies on the cliff between them and the rest; to hedge at a slightly lower one
costs 2 % more requests and gains most of what there is to gain.

The least that one hedge can do is known where the latencies are: sent after d, it costs the share of replies that take longer than d, and a call takes
longer than t when both its replies do. At an extra load of 7 % that makes ${milliseconds(bestP99Ms(0.05, 0.07))}, which nothing can beat and
what has to learn d can only come close to. The bar is therefore 3 % above the best at 7 %.`,
  findings,
  bars,
}

const run = (way: Way, stragglers: number, calls = CALLS.ofOthers): Promise<HedgingEnd> =>
  hedging({ policies: way.policies(), calls, stragglers }, SEED)

async function findings(): Promise<Findings> {
  const rows: string[][] = []
  const rates: string[][] = []
  for (const way of WAYS) {
    const ends = new Map<number, HedgingEnd>()
    for (const share of SHARES) ends.set(share, await run(way, share))
    const { p50Ms = 0, p99Ms = 0, p999Ms = 0, extraLoad = 0 } = ends.get(0.05) ?? {}
    rows.push([way.name, ...[p50Ms, p99Ms, p999Ms].map(milliseconds), percent(extraLoad)])
    rates.push([way.name, ...SHARES.map((share) => percent(ends.get(share)?.extraLoad ?? 0))])
  }
  const curve = [85, 88, 90, 91, 92, 93, 94, 95, 96, 97, 98]
  const points: (readonly [number, number])[] = []
  for (const value of curve) {
    const { extraLoad, p99Ms } = await run(percentile(value), 0.05)
    points.push([extraLoad * 100, p99Ms])
  }
  return {
    tables: [
      { title: "With 5 % of stragglers", head: ["Hedge", "p50", "p99", "p99.9", "extra load"], rows },
      { title: "Extra load", head: ["Hedge", ...SHARES.map((share) => `${share * 100} % stragglers`)], rows: rates },
    ],
    charts: [
      {
        file: "e-hedging",
        title: "What a hedge costs and gains: percentiles from 98 (left) to 85, 5 % of stragglers",
        x: "% extra load",
        y: "99th percentile, ms",
        lines: [{ name: "lowLatency()", isOurs: true, points }],
      },
    ],
  }
}

async function bars(): Promise<readonly Bar[]> {
  const tail = await run(percentile(FOR_P99), 0.05, CALLS.ofTail)
  const measured = [
    atMost("E: 99th percentile", tail.p99Ms, 1.03 * bestP99Ms(0.05, 0.07), milliseconds),
    atMost("E: extra load of that", tail.extraLoad, 0.07, percent),
  ]
  for (const share of [0, 0.02, 0.06]) {
    const { extraLoad } = await run(OURS, share)
    const name = `E: hedges at a target of 5 %, ${share * 100} % stragglers`
    measured.push(atLeast(name, extraLoad, 0.04, percent), atMost(name, extraLoad, 0.055, percent))
  }
  return measured
}
