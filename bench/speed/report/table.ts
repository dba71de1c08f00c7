import type { ItemResult, Measure, Row } from "../results.ts"
import { median, ratio, spread } from "../statistics.ts"
import { heading, rounded } from "./numbers.ts"

/** A Markdown table, its first column of names and the others of numbers. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "")[column === 0 ? "padEnd" : "padStart"](width)).join(" | ")} |`
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`))
  return [line(head), line(rule), ...rows.map(line)].join("\n")
}

/**
 * An item's medians, best first: of its first measure with how far the rounds lie apart and the ratio to the reference,
 * then of the others.
 */
export function itemTable({ measures, reference }: ItemResult): string {
  const [first, ...others] = measures
  if (first === undefined) return ""
  const referenceValues = first.rows.find(({ name }) => name === reference)?.values ?? []
  const head = ["", heading(first.title, first.unit), "spread", `× ${reference}`]
  const body = ranked(first).map(({ name, values, failure }) => [
    failure === undefined ? name : `${name} (failed: ${failure})`,
    rounded(median(values)),
    values.length > 1 ? `${Math.round(spread(values) * 100)} %` : "–",
    rounded(ratio(values, referenceValues)),
    ...others.map(({ rows }) => rounded(median(rows.find((row) => row.name === name)?.values ?? []))),
  ])
  return markdownTable([...head, ...others.map(({ title, unit }) => heading(title, unit))], body)
}

/** Best first; who failed from the start comes last. */
export function ranked({ rows, better }: Measure): Row[] {
  const worst = better === "higher" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const value = ({ values }: Row): number => (values.length === 0 ? worst : median(values))
  return rows.toSorted((a, b) => (better === "higher" ? value(b) - value(a) : value(a) - value(b)))
}
