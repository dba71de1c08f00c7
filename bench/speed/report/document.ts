import type { Bar } from "../bars.ts"
import { clients } from "../clients/clients.ts"
import type { ItemResult } from "../results.ts"
import type { Circumstances } from "./machine.ts"
import { itemTable, markdownTable } from "./table.ts"

/** What the report shows, and what results.json holds. */
export interface Report {
  readonly circumstances: Circumstances
  readonly bars: readonly Bar[]
  readonly items: readonly ItemResult[]
}

/** The text of the report's page; its charts are files beside it, one per item. */
export function document({ circumstances, bars, items }: Report): string {
  const { date, command, processor, cores, memoryGB, system, loadBefore, versions } = circumstances
  return `# How fast steadfetch is

Measured on ${date} by \`${command}\`, which writes this page, the charts and [results.json](results.json) with the numbers of
every round. \`npm run bench -- --check\` measures the bars alone and fails when one is missed.

- Machine: ${processor}, ${cores} cores, ${memoryGB} GB, ${system}; load before the run: ${loadBefore.toFixed(2)}.
- Versions: ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}.

${bars.length === 0 ? "" : `## Bars\n\nSmall JSON, GET, 50 at once; ratios of calls per second.\n\n${barTable(bars)}\n\n`}## Method

- The server runs in a process of its own and answers with ready bytes over \`node:net\`, on loopback. Its share of a core
  is in the tables: near 100 % it would be the server that is measured.
- Every client runs in a process of its own, so that no other one's memory, connections or compiled code stand in its way.
  They take turns: one sample each per round, each round beginning with another one; a warm-up three times as long as a
  sample comes before its first one. No garbage collection is forced: it makes V8 forget compiled code, and halves the
  speed of whoever has much of it for seconds.
- Numbers are medians of the rounds. The spread is the distance from the lowest to the highest round as a share of the
  median. A ratio is the median of the rounds' ratios.
- CPU time is that of the client's whole process, garbage collection included. Where a client saturates its core, 1 s
  divided by it is the rate; below that, it tells what noise hides.

## Clients

Everything that is not named here is the client's default.

${clientTable()}

${items.map(itemText).join("\n\n")}
`
}

/** One line per bar: name, measured, required. */
export function barLines(bars: readonly Bar[]): string {
  const width = Math.max(...bars.map(({ name }) => name.length))
  return bars
    .map(
      ({ name, measured, required, isMet }) =>
        `${isMet ? "met   " : "MISSED"}  ${name.padEnd(width)}  ${measured.padStart(8)}  ${required}`,
    )
    .join("\n")
}

function barTable(bars: readonly Bar[]): string {
  return markdownTable(
    ["Bar", "Measured", "Required", "Met"],
    bars.map(({ name, measured, required, isMet }) => [name, measured, required, isMet ? "yes" : "no"]),
  )
}

function clientTable(): string {
  const rows = clients.map(({ name, settings, retrying = "–" }) => `| ${name} | ${settings} | ${retrying} |`)
  return ["| Client | Set up with | Told to retry at once by |", "| - | - | - |", ...rows].join("\n")
}

function itemText(item: ItemResult): string {
  return `## ${item.title}\n\n${item.about}\n\n![${item.title}](${item.id}.svg)\n\n${itemTable(item)}`
}
