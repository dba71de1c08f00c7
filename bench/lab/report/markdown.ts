import type { Bar, Chart, Findings, Table } from "../findings.ts"

/** What the report says of one experiment. */
export interface Section extends Findings {
  readonly id: string
  readonly title: string
  readonly text: string
}

/** A Markdown table with its title, in even columns. */
export function table({ title, head, rows }: Table): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? "").length)))
  const line = (cells: readonly string[], fill = " "): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`
  return [`**${title}**`, "", line(head), line([], "-"), ...rows.map((row) => line(row))].join("\n")
}

/** One line per bar: name, measured, required. */
export function barLines(bars: readonly Bar[]): string {
  return bars
    .map(({ name, measured, required, isMet }) => `${isMet ? "met   " : "MISSED"}  ${name}  ${measured}  ${required}`)
    .join("\n")
}

/** What is required, and what was measured. */
export function barTable(bars: readonly Bar[]): Table {
  return {
    title: "Bars",
    head: ["Bar", "Measured", "Required", "Met"],
    rows: bars.map(({ name, measured, required, isMet }) => [name, measured, required, isMet ? "yes" : "no"]),
  }
}

/** One experiment. */
export function section({ id, title, text, charts, tables }: Section): string {
  const image = ({ title, file }: Chart): string => `![${title}](${file}.svg)`
  return [`## ${id.length === 1 ? `${id}. ` : ""}${title}`, text, ...charts.map(image), ...tables.map(table)].join(
    "\n\n",
  )
}

/** The text of docs/lab/README.md. */
export function document(bars: readonly Bar[], sections: readonly Section[], day: string): string {
  return `# The lab: what the policies do when it matters

Simulated servers and up to a million simulated clients, on a virtual clock. What runs in each client is the real pipeline
with the real policies, not a model of them; the peers' ways to retry, pace and hedge are written out as policies and stand in the same
place with their own numbers, so that all else is equal. Calls begin at random, independently of each other and of how earlier ones fared.
All randomness is seeded: the same code writes the same numbers.

This page is written by \`npm run lab\` (last on ${day}), its numbers are in [results.json](results.json) as well.
\`npm run lab -- --only A,C\` prints single experiments, \`npm run lab -- --check\` measures the bars alone, and exits with 1 when
one is missed. How the numbers of the retry budget were chosen is on [a page of its own](retry-budget.md). A and B also run
[for real](real.md), with the peers themselves on real sockets.

${table(barTable(bars))}

${sections.map(section).join("\n\n")}
`
}
