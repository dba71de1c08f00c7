import type { Circumstances } from "../speed/report/machine.ts"
import type { Rule } from "../soak/verdict.ts"
import { drawing } from "../lab/report/chart.ts"
import { median, spread } from "../speed/statistics.ts"
import type { OutageFigures } from "./outage.ts"
import { middle, percent, type Measured } from "./rules.ts"
import type { Sizes } from "./sizes.ts"

/** The text of docs/bench/outbox.md. */
export function page(where: Circumstances, sizes: Sizes, measured: Measured, rules: readonly Rule[]): string {
  const { date, processor, cores, memoryGB, system, loadBefore, versions } = where
  return `# What an outbox does, measured

Measured on ${date} by \`npm run bench:outbox\`, which writes this page; with \`--check\` it writes nothing, and exits with 1 when
something is not met.

- Machine: ${processor}, ${cores} cores, ${memoryGB} GB, ${system}; load before the run: ${loadBefore.toFixed(2)}.${loadBefore >= 3 ? " **The machine did other things as well: these figures are rough.**" : ""}
- Node ${versions["node"]}. Numbers are medians of rounds in which candidates take turns; a ratio is the median of the rounds' ratios.

${table(
  ["", "Measured", "Required", ""],
  rules.map(({ name, measured: value, required, isMet }) => [name, value, required, isMet ? "met" : "not met"]),
)}

## Six hours of outage

On virtual time, over a SQLite file, with the default options. 10,000 entries come in while the API is down, and as many per second go on
coming in afterwards.

![Requests to the API before, during and after the outage](outbox-outage.svg)

${outageTable(measured.outage)}

## Enqueueing and delivering

${sizes.entries} entries of 1 kB, ${sizes.rounds} rounds, on a SQLite file, \`synchronous=FULL\`. 64 callers enqueue at the same time; beside them node:sqlite
inserts the same bytes, 64 rows to a transaction. 32 are in flight; the transport answers at once with 204, so that all
that is measured is the store, the client and the outbox. Beside them stands what cannot be done without: claim, send, conclude.

${throughputTable(measured)}

## Workers on PostgreSQL

Workers are processes that deliver from the same PostgreSQL, up to 32 at a time each, to an API that is played in them: it answers
at once, or after 100 ms. Shares are of the machine's ${cores} cores, which all of them share.

${fleetTable(measured)}

## Many that wait

Milliseconds of processor for 64 entries that are added at once, and for 8 that are taken and concluded, in a SQLite file in which
many wait beside those that are taken; ${sizes.scaleRounds} rounds. Memory is that of the process, before the last nine tenths of the
entries were added, and after.

${scaleTable(measured)}
`
}

/** The chart of an outage. */
export function outageChart({ sent, cameIn, hours }: OutageFigures): string {
  return drawing({
    file: "outbox-outage",
    title: `An API is down from hour ${hours.began} to hour ${hours.ended}`,
    x: "hours",
    y: "per second",
    lines: [
      { name: "entries that come in", points: cameIn },
      { name: "requests that the API gets", isOurs: true, points: sent },
    ],
  })
}

function outageTable(figures: OutageFigures): string {
  const { added, addedInOutage, delivered, expired, before, during, after, afterMinute } = figures
  const times = (perSecond: number): string => `${perSecond.toFixed(3)} (${(perSecond / before).toFixed(2)} ×)`
  return table(
    ["", ""],
    [
      ["Entries, of which in the outage", `${added}, ${addedInOutage}`],
      ["Delivered", String(delivered)],
      ["Expired", String(expired)],
      ["Requests per second before", before.toFixed(3)],
      ["during", times(during)],
      ["after, busiest ten minutes", times(after)],
      ["after, busiest minute", times(afterMinute)],
      ["Hours until nothing piled up was left", figures.drainedHours.toFixed(1)],
      ["Tries of an entry of the outage, mean", figures.meanTries.toFixed(2)],
    ],
  )
}

function throughputTable({ throughputs }: Measured): string {
  const row = (name: string, own: readonly number[], other: readonly number[]): readonly string[] => [
    name,
    median(own).toFixed(0),
    percent(spread(own)),
    median(other).toFixed(0),
    `${median(own.map((value, round) => value / (other[round] ?? Number.NaN))).toFixed(2)} ×`,
  ]
  return table(
    ["", "Outbox, per second", "Spread", "Beside it, per second", "Ratio"],
    [
      row("Enqueue", throughputs.map((one) => one.enqueued), throughputs.map((one) => one.insertedRaw)),
      row("Deliver", throughputs.map((one) => one.delivered), throughputs.map((one) => one.deliveredBare)),
    ],
  ) // prettier-ignore
}

function fleetTable({ fleets }: Measured): string {
  const rows = [0, 100].flatMap((latencyMs) =>
    [1, 4].map((workers) => {
      const { perSecond, workersShare, serverShare } = middle(fleets, workers, latencyMs)
      return [`${latencyMs} ms`, String(workers), perSecond.toFixed(0), percent(workersShare), percent(serverShare)]
    }),
  )
  return table(["API", "Workers", "Delivered per second", "Processor of workers", "of PostgreSQL"], rows)
}

function scaleTable({ scales }: Measured): string {
  return table(
    ["Waiting", "Add 64, ms", "Take and conclude 8, ms", "Memory before, MB", "after, MB"],
    scales.map((one) => [
      one.what,
      one.addMs.toFixed(2),
      one.claimMs.toFixed(2),
      one.megabytesBefore.toFixed(0),
      one.megabytes.toFixed(0),
    ]),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n")
}
