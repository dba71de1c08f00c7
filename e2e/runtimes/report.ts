import { differences, type Difference, type RuntimeName } from "./differences.ts"
import { groups, type CaseEnd } from "./suite/index.ts"

/** How the suite ended in one runtime. */
export interface RuntimeEnd {
  readonly name: RuntimeName
  readonly title: string
  readonly version: string
  readonly ends: readonly CaseEnd[]
  readonly seconds: number
}

/** The numbers, and every failure in words. */
export function summary(results: readonly RuntimeEnd[]): {
  readonly passed: number
  readonly failed: number
  readonly failures: string
} {
  const failures = results.flatMap(({ title, ends }) =>
    ends.flatMap(({ group, name, failure }) =>
      failure === undefined
        ? []
        : [`FAILED ${title}, ${group}: ${name}\n    ${failure.replaceAll("\n", "\n    ")}\n\n`],
    ),
  )
  const cases = results.reduce((sum, { ends }) => sum + ends.length, 0)
  return { passed: cases - failures.length, failed: failures.length, failures: failures.join("") }
}

/** Runtimes by topics, as a Markdown table. */
export function table(results: readonly RuntimeEnd[]): string {
  const head = ["Runtime", "Version", ...groups.map(({ name }) => name), "Seconds"]
  const rows = results.map((result) => [
    result.title,
    result.version,
    ...groups.map(({ name }) => cell(result.ends.filter(({ group }) => group === name))),
    result.seconds.toFixed(1),
  ])
  return markdown(head, rows)
}

function cell(ends: readonly CaseEnd[]): string {
  const passed = ends.filter(({ failure }) => failure === undefined).length
  if (ends.length === 0) return "-"
  return passed === ends.length ? `${passed}` : `${passed} of ${ends.length}`
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? "").length)))
  const line = (cells: readonly string[], fill = " "): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`
  return [line(head), line([], "-"), ...rows.map((row) => line(row))].join("\n")
}

/** The text of docs/runtimes.md. */
export function page(results: readonly RuntimeEnd[], day: string): string {
  const { passed, failed } = summary(results)
  const titles = new Map<RuntimeName, string>(results.map(({ name, title }) => [name, title]))
  const known = Object.values<Difference>(differences).map((difference) => [
    difference.in.map((name) => titles.get(name) ?? name).join(", "),
    difference.what,
    difference.why,
  ])
  const cases = groups.map(({ name, cases }) => `- **${name}**: ${cases.map((one) => one.name).join("; ")}`)
  return `# Runtimes

One suite of ${groups.reduce((sum, group) => sum + group.cases.length, 0)} cases runs unchanged in every runtime, against a server in another process that fails on purpose. The
suite is built once, over the package as npm packs it; it uses web APIs and steadfetch alone.

This page is written by \`npm run runtimes -- --write\` (last on ${day}). \`npm run runtimes\` installs what is missing, runs
all, and exits with 1 when a case fails or a runtime cannot be had. The numbers are cases that passed.

${table(results)}

${passed} passed, ${failed} failed.

## Known differences

What a platform does differently is asserted, not skipped: the suite fails when one of these is no longer so.

${markdown(["Where", "What happens there", "Why"], known)}

## The cases

${cases.join("\n")}
`
}
