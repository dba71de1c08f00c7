/** What an outage does to an API whose calls go through an outbox, and how fast that is. Writes docs/bench/outbox.md; --quick tries it out. */
import { writeFile } from "node:fs/promises"
import { circumstances } from "../speed/report/machine.ts"
import { median } from "../speed/statistics.ts"
import { playOutage, type OutageFigures } from "./outage.ts"
import { SIX_HOURS, STEADY } from "./plans.ts"
import { measureThroughput, type Throughput } from "./throughput.ts"

const isQuick = process.argv.includes("--quick")
const rounds = isQuick ? 1 : 5
const entries = isQuick ? 2000 : 10_000

const { date, processor, cores, memoryGB, system, loadBefore, versions } = await circumstances([], [])
const throughputs: Throughput[] = []
// The first round warms up, and does not count.
for (let round = 0; round <= rounds; round++) throughputs.push(await measureThroughput(entries))
const measured = throughputs.slice(1)
const page = `# What an outbox does, measured

Measured on ${date} by \`npm run bench:outbox\`, which writes this page.

- Machine: ${processor}, ${cores} cores, ${memoryGB} GB, ${system}; load before the run: ${loadBefore.toFixed(2)}.
- Node ${versions["node"]}.

## Six hours of outage

On virtual time, over a SQLite file, with the default options. 10,000 entries come in while the API is down. "As before": the API
gets as many calls after the outage as before it, beside what has piled up. "Quieter": it gets fewer.

${outageTable(await playOutage(STEADY), await playOutage(SIX_HOURS))}

## Throughput

${entries} entries of 1 kB, ${rounds} rounds, medians. The store is a SQLite file, \`synchronous=FULL\`; the transport answers at once with 204, so
that all that is measured is the store, the client and the outbox. Enqueued 64 at a time; delivered 32 at a time. "Bare" is the same
work on the same store and client without an outbox: \`store.add\`; claim, send, conclude.

| | Outbox, per second | Bare, per second | Ratio |
| --- | ---: | ---: | ---: |
${throughputRow(
  "Enqueue",
  ({ enqueued }) => enqueued,
  ({ enqueuedBare }) => enqueuedBare,
)}
${throughputRow(
  "Deliver",
  ({ delivered }) => delivered,
  ({ deliveredBare }) => deliveredBare,
)}
`
if (isQuick) process.stdout.write(page)
else await writeFile(new URL("../../docs/bench/outbox.md", import.meta.url), page)

function outageTable(steady: OutageFigures, quieter: OutageFigures): string {
  const row = (name: string, of: (figures: OutageFigures) => string): string =>
    `| ${name} | ${of(steady)} | ${of(quieter)} |`
  const times = (value: number, { before }: OutageFigures): string =>
    `${value.toFixed(3)} (${(value / before).toFixed(2)} ×)`
  return [
    "| | As before | Quieter |",
    "| --- | ---: | ---: |",
    row("Entries, of which in the outage", ({ added, addedInOutage }) => `${added}, ${addedInOutage}`),
    row("Delivered", ({ delivered }) => String(delivered)),
    row("Expired", ({ expired }) => String(expired)),
    row("Requests per second before", ({ before }) => before.toFixed(3)),
    row("during", (figures) => times(figures.during, figures)),
    row("after, busiest ten minutes", (figures) => times(figures.after, figures)),
    row("after, busiest minute", (figures) => times(figures.afterMinute, figures)),
    row("Hours until nothing piled up was left", ({ drainedHours }) => drainedHours.toFixed(1)),
    row("Tries of an entry of the outage, mean", ({ meanTries }) => meanTries.toFixed(2)),
  ].join("\n")
}

function throughputRow(name: string, of: (each: Throughput) => number, bare: (each: Throughput) => number): string {
  const ratio = median(measured.map((each) => of(each) / bare(each)))
  return `| ${name} | ${median(measured.map(of)).toFixed(0)} | ${median(measured.map(bare)).toFixed(0)} | ${ratio.toFixed(2)} × |`
}
