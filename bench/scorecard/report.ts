import type { Case, Finding } from "./case.ts"
import type { Candidate } from "./client.ts"
import type { Cell } from "./run.ts"

const WORDS: Record<Finding["verdict"], string> = { pass: "pass", fail: "FAIL", "n/a": "n/a" }

/** A table in even columns, for the terminal and for Markdown alike. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? "").length)))
  const line = (cells: readonly string[], fill = " "): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`
  return [line(head), line([], "-"), ...rows.map((row) => line(row))].join("\n")
}

function of(cells: readonly Cell[], candidate: Candidate): Cell[] {
  return cells.filter((cell) => cell.candidate === candidate)
}

/** Who passes what: a column per row of the card, a line per client. */
export function grid(cells: readonly Cell[], candidates: readonly Candidate[], cases: readonly Case[]): string {
  const head = ["Client", ...cases.map(({ row }) => String(row)), "pass", "fail", "n/a"]
  const rows = candidates.map((candidate) => {
    const own = of(cells, candidate)
    const marks = cases.map((each) => WORDS[own.find((cell) => cell.case === each)?.finding.verdict ?? "n/a"])
    return [candidate.name, ...marks, ...tally(own)]
  })
  return table(head, rows)
}

function tally(cells: readonly Cell[]): string[] {
  return (["pass", "fail", "n/a"] as const).map((verdict) =>
    String(cells.filter(({ finding }) => finding.verdict === verdict).length),
  )
}

/** What was seen in the cells that are no pass, one line each. */
export function notes(cells: readonly Cell[]): string {
  return cells
    .filter(({ finding }) => finding.verdict !== "pass")
    .map(
      ({ candidate, case: { row }, finding }) => `${row} ${candidate.name}: ${WORDS[finding.verdict]}: ${finding.seen}`,
    )
    .join("\n")
}

/** Where and when a card was made. */
export interface Occasion {
  readonly day: string
  readonly node: string
  readonly versions: Readonly<Record<string, string>>
}

/** The text of docs/scorecard.md. */
export function document(
  cells: readonly Cell[],
  candidates: readonly Candidate[],
  cases: readonly Case[],
  { day, node, versions }: Occasion,
): string {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `# The scorecard

What HTTP clients do when things go wrong without a sound. Each row is a failure that was seen in clients in wide use; each
client meets it as a black box: an adapter of a few lines makes the call, and a server that fails on purpose records what
arrives.

This page is written by \`npm run scorecard -- --write\` (last on ${day}, Node ${node}: ${packages.join(", ")}).
\`npm run scorecard\` prints the table; \`npm run scorecard -- --check\` examines steadfetch alone and fails when it fails
a row.

## Who passes what

${grid(cells, candidates, cases)}

"n/a" is a row that would be unfair to the client, with the reason below. A failure was seen in two runs out of two. Before
all rows, each adapter shows that it can read a reply, retry, upload, time out and abort.

## Settings

Every client has the settings that its documentation recommends; a switch that it offers against one of these failures is
on. A case sets how often to retry, the timeout and, where it has to see it, the length of waits.

${candidates.map(({ name, settings }) => `- **${name}**: ${settings}`).join("\n")}

## The rows

${cases.map((each) => section(each, cells)).join("\n\n")}
`
}

function section(each: Case, cells: readonly Cell[]): string {
  const own = cells.filter((cell) => cell.case === each)
  const noted = own.filter(({ finding }) => finding.verdict !== "pass")
  const lines = noted.map(
    ({ candidate, finding }) => `- ${candidate.name}: **${finding.verdict}**: ${plain(finding.seen)}`,
  )
  const text = `### ${each.row}. ${each.title}\n\n${each.mustHold} ${each.observed}`
  return lines.length === 0 ? `${text}\n\nAll pass.` : `${text}\n\n${lines.join("\n")}`
}

/** Text in which Markdown sees no marks of its own. */
function plain(text: string): string {
  return text.replace(/[\\`*_<>[\]]/g, "\\$&")
}
