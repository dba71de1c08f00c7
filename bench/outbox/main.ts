/** What an outage does to an API whose calls go through an outbox, and how fast that is. Writes docs/bench/outbox.md; --quick tries it out. */
import { writeFile } from "node:fs/promises"
import { circumstances } from "../speed/report/machine.ts"
import { median } from "../speed/statistics.ts"
import { playOutage, type OutageFigures } from "./outage.ts"
import { SIX_HOURS } from "./plans.ts"
import { measureThroughput, type Throughput } from "./throughput.ts"

const isQuick = process.argv.includes("--quick")
const rounds = isQuick ? 1 : 5
const entries = isQuick ? 2000 : 5000

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

On virtual time, over a SQLite file, with the default options. 10,000 entries come in while the API is down, and as many per second go on
coming in afterwards.

${outageTable(await playOutage(SIX_HOURS))}

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

function outageTable(figures: OutageFigures): string {
  const { added, addedInOutage, delivered, expired, before, during, after, afterMinute, drainedHours, meanTries } =
    figures
  const times = (perSecond: number): string => `${perSecond.toFixed(3)} (${(perSecond / before).toFixed(2)} ×)`
  const rows: readonly (readonly [string, string])[] = [
    ["Entries, of which in the outage", `${added}, ${addedInOutage}`],
    ["Delivered", String(delivered)],
    ["Expired", String(expired)],
    ["Requests per second before", before.toFixed(3)],
    ["during", times(during)],
    ["after, busiest ten minutes", times(after)],
    ["after, busiest minute", times(afterMinute)],
    ["Hours until nothing piled up was left", drainedHours.toFixed(1)],
    ["Tries of an entry of the outage, mean", meanTries.toFixed(2)],
  ]
  return ["| | |", "| --- | ---: |", ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join("\n")
}

function throughputRow(name: string, of: (each: Throughput) => number, bare: (each: Throughput) => number): string {
  const ratio = median(measured.map((each) => of(each) / bare(each)))
  return `| ${name} | ${median(measured.map(of)).toFixed(0)} | ${median(measured.map(bare)).toFixed(0)} | ${ratio.toFixed(2)} × |`
}
