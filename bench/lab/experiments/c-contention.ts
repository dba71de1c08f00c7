import { retry, type Policy } from "steadfetch"
import { mean, type Bar, type Experiment, type Findings } from "../findings.ts"
import { CONFLICT, contend, type ContentionEnd } from "../simulation/contention.ts"
import { peerRetry, peers, type Peer } from "../simulation/peers.ts"
import { SEEDS } from "./seeds.ts"

const CLIENTS = [10, 25, 50, 75, 100]

/** The first wait is between 0 and this. */
const BASE_MS = 10
const CAP_MS = 2000

/** So many that nobody gives up. */
const RETRIES = 100_000

interface Way {
  readonly name: string
  readonly isOurs?: boolean
  policies(): readonly Policy[]
}

const peerWay = (name: string, peer: Peer): Way => ({ name, policies: () => [peerRetry(peer, CONFLICT)] })

const OURS: Way = {
  name: "full jitter: retry()",
  isOurs: true,
  policies: () => [retry({ attempts: RETRIES, baseMs: BASE_MS, capMs: CAP_MS, budget: false, contract: CONFLICT })],
}

const EQUAL = peerWay("equal jitter", peers.equalJitter(RETRIES, BASE_MS, CAP_MS))

const WAYS: readonly Way[] = [
  OURS,
  EQUAL,
  peerWay("decorrelated jitter", peers.decorrelated(RETRIES, BASE_MS / 2, CAP_MS)),
  peerWay("exponential, no jitter", peers.exponential(RETRIES, BASE_MS, CAP_MS)),
]

export const contentionExperiment: Experiment = {
  id: "C",
  title: "Jitter",
  text: `Clients that all begin at the same instant want to change the same row, each from the version that it has read; a
conflict (409) is retried, here without a budget, as everybody is to succeed in the end. Every message takes 10 ± 2 ms. The waits
begin at ${BASE_MS} ms and end at ${CAP_MS / 1000} s. Shown are the writes that the server received and the time until the last client has succeeded,
the mean over ${SEEDS.length} seeds (after M. Brooker, "Exponential Backoff And Jitter", 2015).`,
  findings,
  bars,
}

async function run(way: Way, clients: number): Promise<ContentionEnd> {
  const ends: ContentionEnd[] = []
  for (const seed of SEEDS) ends.push(await contend(clients, () => way.policies(), seed))
  return { calls: mean(ends.map(({ calls }) => calls)), ms: mean(ends.map(({ ms }) => ms)) }
}

async function findings(): Promise<Findings> {
  const ends = new Map<Way, ContentionEnd[]>()
  for (const way of WAYS) {
    const row: ContentionEnd[] = []
    for (const clients of CLIENTS) row.push(await run(way, clients))
    ends.set(way, row)
  }
  const show = ({ calls, ms }: ContentionEnd): string => `${calls.toFixed(0)} / ${ms.toFixed(0)}`
  const lines = (of: (end: ContentionEnd) => number) =>
    [...ends].map(([{ name, isOurs }, row]) => ({
      name,
      isOurs,
      points: row.map((end, index) => [CLIENTS[index] ?? 0, of(end)] as const),
    }))
  const x = "contending clients"
  return {
    tables: [
      {
        title: "Writes / milliseconds",
        head: ["Waits", ...CLIENTS.map((clients) => `${clients} clients`)],
        rows: [...ends].map(([{ name }, row]) => [name, ...row.map(show)]),
      },
    ],
    charts: [
      {
        file: "c-writes",
        title: "What contention costs the server",
        x,
        y: "writes",
        lines: lines(({ calls }) => calls),
      },
      {
        file: "c-time",
        title: "Time until everybody has succeeded",
        x,
        y: "seconds",
        most: 10,
        lines: lines(({ ms }) => ms / 1000),
      },
    ],
  }
}

async function bars(): Promise<readonly Bar[]> {
  const most = Math.max(...CLIENTS)
  const [ours, equal] = [await run(OURS, most), await run(EQUAL, most)]
  return [
    {
      name: `C: writes of ${most} contending clients`,
      measured: ours.calls.toFixed(0),
      required: `≤ ${equal.calls.toFixed(0)} (equal jitter)`,
      isMet: ours.calls <= equal.calls,
    },
    {
      name: `C: time of ${most} contending clients`,
      measured: `${ours.ms.toFixed(0)} ms`,
      required: `≤ ${equal.ms.toFixed(0)} ms (equal jitter)`,
      isMet: ours.ms <= equal.ms,
    },
  ]
}
