import { atMost, mean, seconds, times, type Bar, type Experiment, type Findings, type Line } from "../findings.ts"
import { GENTLE, NO_RETRIES, OURS, peer, PEERS, type Lineup } from "../lineups.ts"
import { peers } from "../simulation/peers.ts"
import { SPIKE, spikes, type SpikeEnd } from "../simulation/spike.ts"
import { SEEDS } from "./seeds.ts"

/** How long the experiment goes on after the spike. */
export const OBSERVED_MS = 60_000

const LINEUPS: readonly Lineup[] = [
  NO_RETRIES,
  OURS,
  GENTLE,
  peer("2 retries at once", peers.immediate(2)),
  peer("2 retries, full jitter", peers.fullJitter(2, 100)),
  ...PEERS,
  peer("20 % of requests + 10/s", peers.depositPerRequest(10)),
]

const LOADS = [40, 55]

export const spikeExperiment: Experiment = {
  id: "A",
  title: "A spike",
  text: `The server takes ${SPIKE.idleMs / 1000} s and ${SPIKE.perConcurrentMs / 1000} s more for each request it is working on, and finishes what it
began, also when the client gave up, which every client does after ${SPIKE.attemptMs / 1000} s per attempt. The load doubles for ${(SPIKE.endsMs - SPIKE.beginsMs) / 1000} s.
Goodput is back when every window of 5 s from there on holds at least 95 % of the successes that the same calls have
without the spike; "never" means not within ${OBSERVED_MS / 1000} s. Shown are the mean and the range over ${SEEDS.length} seeds; load is requests
per call from the spike's start on.

Without a bound on retries the server stays down after the spike has gone: the retries are the load that keeps it there. A
rate of retries that is allowed whatever happens does the same to a service of this size.

\`gentle()\` never gets there, for a reason of its own: this server has no line, each further request makes all of them slower. To the adaptive
limit that looks like a line, it settles at some thirty requests where the load needs more than a hundred, and from the first second on the rest waits
in the client. An adaptive limit is for servers that queue (experiment D), not for those that slow down evenly.`,
  findings,
  bars,
}

async function findings(): Promise<Findings> {
  const rows: string[][] = []
  for (const lineup of LINEUPS) {
    const row = [lineup.name]
    for (const perSecond of LOADS) {
      for (const clients of [1, 10]) {
        const ends = await spikes({ perSecond, clients, observedMs: OBSERVED_MS, lineup }, SEEDS)
        row.push(recovery(ends), mean(ends.map(({ load }) => load)).toFixed(2))
      }
    }
    rows.push(row)
  }
  const columns = LOADS.flatMap((load) => [`${load}→${2 * load}, 1 process`, `${load}→${2 * load}, 10 processes`])
  const head = ["Policy", ...columns.flatMap((column) => [column, "load"])]
  return {
    tables: [{ title: "Seconds after the spike until goodput is back, and requests per call", head, rows }],
    charts: [
      {
        file: "a-spike",
        title: "Goodput: 55 calls/s, doubled from second 20 to 25",
        x: "seconds",
        y: "successes per second",
        lines: await goodput(LINEUPS.filter(({ name }) => SHOWN.includes(name))),
      },
    ],
  }
}

const SHOWN = [OURS.name, NO_RETRIES.name, "2 retries, full jitter", "AWS, 2026", "Finagle: 20 % + 10/s"]

/** Seconds over which the chart's lines are smoothed. */
const SMOOTH_S = 2

async function goodput(lineups: readonly Lineup[]): Promise<Line[]> {
  const lines: Line[] = []
  for (const lineup of lineups) {
    const [end] = await spikes({ perSecond: 55, clients: 1, observedMs: OBSERVED_MS, lineup }, [1])
    lines.push({ name: lineup.name, isOurs: lineup.isOurs, points: perSecond(end?.successes ?? [], OBSERVED_MS) })
  }
  return lines
}

/** Successes per second over time, from the first call to the end of the observation. */
export function perSecond(successes: readonly number[], observedMs: number): Line["points"] {
  const counts: number[] = []
  for (const instant of successes) {
    const second = Math.floor(instant / 1000)
    counts[second] = (counts[second] ?? 0) + 1
  }
  return Array.from({ length: (SPIKE.endsMs + observedMs) / 1000 - SMOOTH_S }, (_, second) => {
    const window = Array.from({ length: SMOOTH_S }, (_, offset) => counts[second + offset] ?? 0)
    return [second + SMOOTH_S / 2, mean(window)] as const
  })
}

/** The mean over all seeds and its range, or how often there was none. */
export function recovery(ends: readonly SpikeEnd[]): string {
  const values = ends.map(({ recoveryS }) => recoveryS)
  const never = values.filter((value) => value === Number.POSITIVE_INFINITY).length
  if (never === values.length) return "never"
  if (never > 0) return `never in ${never} of ${values.length}`
  return `${mean(values).toFixed(1)} (${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)})`
}

async function bars(): Promise<readonly Bar[]> {
  const measured: Bar[] = []
  for (const perSecond of LOADS) {
    const end = (lineup: Lineup, clients: number): Promise<readonly SpikeEnd[]> =>
      spikes({ perSecond, clients, observedMs: OBSERVED_MS, lineup }, SEEDS)
    const without = meanRecovery(await end(NO_RETRIES, 1))
    const alone = await end(OURS, 1)
    const spike = `A: ${perSecond}→${2 * perSecond} calls/s`
    measured.push(
      atMost(`${spike}, recovery`, meanRecovery(alone), 1.1 * without + 1, seconds),
      atMost(`${spike}, requests per call`, mean(alone.map(({ load }) => load)), 1.03, times),
      // Ten budgets add up: this guards what there is, and the report says that it is more than the bar of one process.
      atMost(`${spike}, 10 processes, recovery`, meanRecovery(await end(OURS, 10)), 1.5 * without + 1, seconds),
    )
  }
  return measured
}

function meanRecovery(ends: readonly SpikeEnd[]): number {
  return mean(ends.map(({ recoveryS }) => recoveryS))
}
