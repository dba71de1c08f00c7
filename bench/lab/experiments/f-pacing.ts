import { pace } from "steadfetch"
import { atMost, mean, percent, type Bar, type Experiment, type Findings, type Line } from "../findings.ts"
import { extended, OURS as STANDARD, type Lineup } from "../lineups.ts"
import { cubicPace } from "../simulation/cubic-pace.ts"
import { pacing, type PacingEnd } from "../simulation/pacing.ts"
import { FEW_SEEDS } from "./seeds.ts"

const WORKERS = 10
const UNTIL_MS = 135_000
const COUNTED_FROM_MS = 15_000

const ADAPTIVE: Lineup = { ...extended("standard() + pace()", () => [pace()]), isOurs: true }
const GIVEN: Lineup = extended("standard() + pace({ perSecond: 20 })", () => [pace({ perSecond: 20 })])
const CUBIC: Lineup = extended("CUBIC, as the AWS SDKs' adaptive mode", () => [cubicPace()])
const PLAIN: Lineup = { ...STANDARD, isOurs: false }

export const pacingExperiment: Experiment = {
  id: "F",
  title: "Pacing",
  text: `A server allows 20 requests a second (a token bucket of one second's size) and answers the rest with 429, without any header that would say so.
${WORKERS} workers of one process each call as soon as their last call has ended and they have done 20 ms of their own. Shown are requests per
second from second ${COUNTED_FROM_MS / 1000} on, and how many of them were refused; the mean over ${FEW_SEEDS.length} seeds. In the second half of the chart the server
allows 40 from second 60 on.`,
  findings,
  bars,
}

async function run(lineup: Lineup, limit: number): Promise<readonly PacingEnd[]> {
  const setting = { lineup, workers: WORKERS, untilMs: UNTIL_MS, countedFromMs: COUNTED_FROM_MS }
  const ends: PacingEnd[] = []
  for (const seed of FEW_SEEDS) ends.push(await pacing({ ...setting, perSecondAt: () => limit }, seed))
  return ends
}

const rate = (ends: readonly PacingEnd[]): number => mean(ends.map(({ sentPerSecond }) => sentPerSecond))
const refused = (ends: readonly PacingEnd[]): number => mean(ends.map(({ throttled }) => throttled))

const LIMITS = [5, 20, 100]

async function findings(): Promise<Findings> {
  const rows: string[][] = []
  const lines: Line[] = []
  for (const lineup of [ADAPTIVE, GIVEN, CUBIC, PLAIN]) {
    const row = [lineup.name]
    for (const limit of LIMITS) {
      const ends = await run(lineup, limit)
      row.push(rate(ends).toFixed(1), percent(refused(ends)))
    }
    rows.push(row)
    if (lineup === GIVEN) continue
    const changing = { workers: WORKERS, untilMs: 180_000, countedFromMs: 0 }
    const perSecondAt = (nowMs: number): number => (nowMs < 60_000 ? 20 : 40)
    const { sent } = await pacing({ ...changing, lineup, perSecondAt }, 1)
    lines.push({ name: lineup.name, isOurs: lineup.isOurs, points: smoothed(sent) })
  }
  return {
    tables: [
      {
        title: "Requests per second, and the share of them that was refused",
        head: ["Policy", ...LIMITS.flatMap((limit) => [`of ${limit}/s`, "refused"])],
        rows,
      },
    ],
    charts: [
      {
        file: "f-pacing",
        title: "A server that allows 20 a second, and 40 from second 60 on",
        x: "seconds",
        y: "requests per second",
        most: 60,
        lines,
      },
    ],
  }
}

/** Means of 2 s. */
function smoothed(sent: readonly number[]): (readonly [number, number])[] {
  return sent.slice(1).map((count, second) => [second + 1, (count + (sent[second] ?? 0)) / 2])
}

async function bars(): Promise<readonly Bar[]> {
  const ends = await run(ADAPTIVE, 20)
  const sent = rate(ends)
  return [
    {
      name: "F: requests per second, of 20",
      measured: sent.toFixed(1),
      required: "18 to 22",
      isMet: sent >= 18 && sent <= 22,
    },
    atMost("F: requests that were refused", refused(ends), 0.02, percent),
  ]
}
