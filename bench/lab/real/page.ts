import type { Circumstances } from "../../speed/report/machine.ts"
import type { Bar, Chart, Table } from "../findings.ts"
import { barTable, table } from "../report/markdown.ts"
import { REPLY_MS } from "../simulation/failing.ts"
import { SPIKE } from "../simulation/spike.ts"
import { candidateOf, CONTENDERS, NO_RETRIES } from "./contenders.ts"
import { MOST_CPU_SHARE, MOST_LATE_MS } from "./ends.ts"
import { FAILURES, OBSERVED_MS } from "./plan.ts"

/** All that the page shows. */
export interface Shown {
  readonly circumstances: Circumstances
  readonly bars: readonly Bar[]
  readonly spikes: readonly Table[]
  readonly charts: readonly Chart[]
  readonly failures: Table
  readonly load: Table
}

const { perSecond, untilMs } = FAILURES["10 % 503"]

/** The text of docs/lab/real.md. */
export function page({ circumstances, bars, spikes, charts, failures, load }: Shown): string {
  const { date, processor, cores, memoryGB, system, versions } = circumstances
  return `# The lab for real: spikes and failures on loopback

Experiments A and B of [the lab](README.md) with real clients, real sockets and real time. Each client is in a process of its own, and
so is each server; the server takes its time by the simulation's rule, and finishes what it began, also when the client has
gone. Calls begin at random instants, the same for every client (and in A the same as in the simulation), however the earlier ones
fare. Nothing is compressed: rates, latencies, timeouts and waits are the simulation's, and each client's waits, deadlines and budgets are
its own. So each number stands beside the one that the simulation gives for it.

This page is written by \`npm run lab -- --real\` (last on ${date}: ${processor}, ${cores} cores, ${memoryGB} GB, ${system}, Node ${versions["node"]}).
\`npm run lab -- --real --check\` measures the bars alone, and exits with 1 when one is missed.

${table(barTable(bars))}

## A. A spike

Latency is ${SPIKE.idleMs / 1000} s and ${SPIKE.perConcurrentMs / 1000} s more for each request under way; an attempt may take ${SPIKE.attemptMs / 1000} s. The load doubles for ${(SPIKE.endsMs - SPIKE.beginsMs) / 1000} s, and
is watched for ${OBSERVED_MS / 1000} s more; "never" means not within these. Requests and
successes are counted from the spike's start on, and divided by the calls that begin from then on, here and in the simulation. It is one sequence of calls, of the simulation's seven the
only one in which a spike from 40 calls/s does harm; over the others, recovery varies by a second or two, as the ranges of the simulation show.

What decides is whether a client retries an attempt that timed out, and what bounds it. axios-retry and undici's RetryAgent do not
retry timeouts, and so do as well as no retries here; undici even better, as it looks at its time limits about every half second, and an
attempt may take up to so much longer. Those that do retry them, without a bound, keep the server down: the retries are the load that
they wait to see gone. got's waits of 1 s and more carry it over the lighter spike, with calls that were begun before it and succeed after
it (hence more than 100 %), but not over the heavier one.

${images(charts)}

${spikes.map(table).join("\n\n")}

## B. Failures

${perSecond} calls/s for ${untilMs / 1000} s from one process. The server answers within ${REPLY_MS} ms, and fails a share of the requests by chance: with a 503 without Retry-After, or with a
reset of the connection. A server that fails half of its requests or all of them gets few retries from a budget; the others send it
up to as many as their settings allow. The simulation's calls and failures fall otherwise here, so that shares differ by what
chance makes of some 1000 calls: up to three points where half of the requests fail.

${table(failures)}

## The machine's share

A run counts when neither of its processes used more than ${MOST_CPU_SHARE * 100} % of a core for 5 s, and 99 % of its calls began, and of the
server's replies went out, no more than ${MOST_LATE_MS} ms after their time. A group of runs that was disturbed is run once more; a run that does not count then, either, is marked as invalid.

${table(load)}

## Clients

${table(settings(versions))}
`
}

function images(charts: readonly Chart[]): string {
  return charts.map(({ title, file }) => `![${title}](${file}.svg)`).join("\n\n")
}

function settings(versions: Circumstances["versions"]): Table {
  return {
    title: `All with ${SPIKE.attemptMs / 1000} s per attempt; the rows are those of the [scorecard](../scorecard.md)`,
    head: ["Client", "Versions", "Settings"],
    rows: CONTENDERS.map((contender) => {
      const { packages, settings } = candidateOf(contender.candidate)
      const names = packages.filter((name) => !name.includes("steadfetch"))
      return [
        contender.name,
        names.map((name) => `${name} ${versions[name]}`).join(", ") || "this one",
        contender === NO_RETRIES ? "steadfetch (fetch) with `retry: false`" : settings,
      ]
    }),
  }
}
