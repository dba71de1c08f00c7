import { concurrency, throttle } from "steadfetch"
import {
  atLeast, atMost, mean, milliseconds, percent, type Bar, type Experiment, type Findings, type Line,
} from "../findings.ts" // prettier-ignore
import { extended, GENTLE, NO_RETRIES, OURS, PEERS, type Lineup } from "../lineups.ts"
import { CAPACITY, OVERLOAD, overload, type OverloadEnd } from "../simulation/overload.ts"
import { FEW_SEEDS } from "./seeds.ts"

const FACTORS = [1.2, 1.5, 3]

const ADAPTIVE: Lineup = {
  ...extended("standard() + concurrency: adaptive, wait ≤ 1 s", () => [
    concurrency({ adaptive: true, queue: { maxWaitMs: 1000 } }),
  ]),
  isOurs: true,
}

const LINEUPS: readonly Lineup[] = [
  NO_RETRIES,
  { ...OURS, isOurs: false },
  ...PEERS.slice(0, 2),
  extended("standard() + throttle()", () => [throttle()]),
  extended("standard() + concurrency: limit 5", () => [concurrency({ limit: 5 })]),
  extended("standard() + concurrency: limit 100", () => [concurrency({ limit: 100 })]),
  extended("standard() + concurrency: adaptive", () => [concurrency({ adaptive: true })]),
  ADAPTIVE,
  GENTLE,
]

export const overloadExperiment: Experiment = {
  id: "D",
  title: "Overload",
  text: `A server works on ${OVERLOAD.workers} requests at a time, each for ${OVERLOAD.workMs} ms, so that it can answer ${CAPACITY} a second; the others wait in its
line, and it works on them also when nobody waits for the answer any more, which every client does for ${OVERLOAD.attemptMs / 1000} s per attempt.
${OVERLOAD.processes} processes offer ${OVERLOAD.calmPerSecond} calls/s, and for a minute more than it can answer. Shown are successes per second of that minute over
${CAPACITY}, and the time in which 99 % of those calls that succeeded did so; the mean over ${FEW_SEEDS.length} seeds.

Without a limit the line soon is longer than ${OVERLOAD.attemptMs / 1000} s, and from there on the server works for nobody. No way to retry matters here:
not even none. A limit on attempts under way moves the line into the clients, where a call that can no longer be answered in time
is never sent. A limit that is set has to be known; the adaptive one finds it. How long a call may wait in line is the other
half: without \`maxWaitMs\` it may take its whole deadline.`,
  findings,
  bars,
}

async function run(lineup: Lineup, factor: number): Promise<readonly OverloadEnd[]> {
  const ends: OverloadEnd[] = []
  for (const seed of FEW_SEEDS) ends.push(await overload({ lineup, factor }, seed))
  return ends
}

const goodput = (ends: readonly OverloadEnd[]): number => mean(ends.map(({ goodput }) => goodput))
const p99 = (ends: readonly OverloadEnd[]): number => mean(ends.map(({ p99Ms }) => p99Ms))

async function findings(): Promise<Findings> {
  const rows: string[][] = []
  const lines: Line[] = []
  for (const lineup of LINEUPS) {
    const { name, isOurs } = lineup
    const row = [name]
    for (const factor of FACTORS) {
      const ends = await run(lineup, factor)
      row.push(percent(goodput(ends)), `${(p99(ends) / 1000).toFixed(2)} s`)
      const successes = ends[0]?.successes ?? []
      if (factor === 1.5 && SHOWN.test(name))
        lines.push({ name, isOurs, points: successes.map((count, second) => [second, count] as const) })
    }
    rows.push(row)
  }
  return {
    tables: [
      {
        title: "Goodput and 99th percentile in the overload",
        head: ["Policy", ...FACTORS.flatMap((factor) => [`${factor} × capacity`, "p99"])],
        rows,
      },
    ],
    charts: [
      {
        file: "d-overload",
        title: "Goodput: 1.5 times the capacity from second 20 to 80",
        x: "seconds",
        y: "successes per second",
        lines,
      },
    ],
  }
}

const SHOWN = /no retries|axios|throttle|adaptive/

async function bars(): Promise<readonly Bar[]> {
  const ends = await run(ADAPTIVE, 1.5)
  return [
    atLeast("D: goodput at 1.5 × capacity, adaptive concurrency", goodput(ends), 0.95, percent),
    atMost("D: 99th percentile at 1.5 × capacity, adaptive concurrency", p99(ends), 2000, milliseconds),
  ]
}
