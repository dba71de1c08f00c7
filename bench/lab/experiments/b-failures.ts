import { breaker } from "steadfetch"
import { atLeast, atMost, percent, times, type Bar, type Chart, type Experiment, type Findings } from "../findings.ts"
import { extended, GENTLE, NO_RETRIES, OURS, PEERS, steady, type Lineup } from "../lineups.ts"
import { failures, REPLY_MS, type FailureEnd } from "../simulation/failing.ts"
import { SEED } from "./seeds.ts"

const MANY = { clients: 100, perSecond: 10, untilMs: 60_000 }
const LONG = { clients: 10, perSecond: 10, untilMs: 400_000, countedFromMs: 100_000 }
const FEW = { clients: 50, perSecond: 1, untilMs: 60_000 }

const SHARES = [0, 0.01, 0.1, 0.2, 0.5, 1]

const LINEUPS: readonly Lineup[] = [
  NO_RETRIES,
  OURS,
  GENTLE,
  extended("standard() + breaker at 10 % of 100", () => [
    breaker({ failureRatio: 0.1, minAttempts: 100, windowMs: 30_000, maxOpenMs: 5000 }),
  ]),
  steady("3 retries, full jitter", { retry: { attempts: 4, budget: false } }),
  steady("9 retries, full jitter", { retry: { budget: false } }),
  steady("0.1 per success, at most 10", { retry: { budget: { perSuccess: 0.1 } } }),
  ...PEERS,
]

export const failureExperiment: Experiment = {
  id: "B",
  title: "Failures",
  text: `The server answers each request within ${REPLY_MS} ms, a random share of them with 503, for a minute: ${MANY.clients} processes with
${MANY.perSecond} calls/s each. Shown are requests per call, and the calls that succeeded in the end. A budget that lets 10 % of failures
pass and bounds the load of an outage leaves little of a server that fails half of its requests: there a client has to
choose between its calls and the server, and the server is chosen. A breaker, here with the numbers of a widely used one, rejects calls
that could have succeeded: that is why none is listed by default.`,
  findings,
  bars,
}

async function findings(): Promise<Findings> {
  const rows: string[][] = []
  const loads: Chart["lines"][number][] = []
  const successes: Chart["lines"][number][] = []
  for (const lineup of LINEUPS) {
    const { name, isOurs } = lineup
    const ends: FailureEnd[] = []
    for (const failureShare of SHARES) {
      ends.push(await failures({ ...MANY, failureShare, lineup }, SEED))
    }
    rows.push([name, ...ends.map(({ load, successShare }) => `${load.toFixed(2)} / ${percent(successShare)}`)])
    const line = (of: (end: FailureEnd) => number) => ({
      name,
      isOurs,
      points: ends.map((end, index) => [(SHARES[index] ?? 0) * 100, of(end)] as const),
    })
    if (!SHOWN.includes(name)) continue
    loads.push(line(({ load }) => load))
    successes.push(line(({ successShare }) => successShare * 100))
  }
  const x = "% of the requests fail"
  const head = ["Policy", ...SHARES.map((share) => `${share * 100} % fail`)]
  return {
    tables: [{ title: "Requests per call / calls that succeeded", head, rows }],
    charts: [
      { file: "b-load", title: "What failures cost the server", x, y: "requests per call", lines: loads },
      { file: "b-success", title: "What retries gain", x, y: "% of the calls succeed", lines: successes },
    ],
  }
}

const SHOWN = [NO_RETRIES.name, OURS.name, "3 retries, full jitter", "AWS, 2026", "gRPC A6"]

async function bars(): Promise<readonly Bar[]> {
  const end = (scene: typeof MANY, failureShare: number): Promise<FailureEnd> =>
    failures({ ...scene, failureShare, lineup: OURS }, SEED)
  const success = async (name: string, scene: typeof MANY): Promise<Bar> =>
    atLeast(`B: success at 10 % failures${name}`, (await end(scene, 0.1)).successShare, 0.995, percent)
  return [
    await success("", MANY),
    await success(", in the long run", LONG),
    await success(", 1 call/s", FEW),
    atMost("B: requests per call at 100 % failures", (await end(MANY, 1)).load, 1.15, times),
    // A process that calls so seldom has a full bucket for few calls: what it adds is in docs/lab/retry-budget.md.
    atMost("B: requests per call at 100 % failures, 1 call/s", (await end(FEW, 1)).load, 1.2, times),
  ]
}
