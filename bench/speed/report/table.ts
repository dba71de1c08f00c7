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
 * An item's medians: of its first measure with how far the rounds lie apart and the ratio to the reference, then of the
 * others.
 */
export function itemTable(item: ItemResult): string {
  const { reference } = item
  const [first, ...others] = item.measures
  if (first === undefined) return ""
  const referenceValues = first.rows.find(({ name }) => name === reference)?.values ?? []
  const compared = <T>(cell: T): T[] => (reference === undefined ? [] : [cell])
  const head = ["", heading(first.title, first.unit), "spread", ...compared(`× ${reference}`)]
  const body = inOrder(first, item.order).map(({ name, values, failure }) => [
    failure === undefined ? name : `${name} (failed: ${failure})`,
    rounded(median(values)),
    values.length > 1 ? `${Math.round(spread(values) * 100)} %` : "–",
    ...compared(rounded(ratio(values, referenceValues))),
    ...others.map(({ rows }) => rounded(median(rows.find((row) => row.name === name)?.values ?? []))),
  ])
  return markdownTable([...head, ...others.map(({ title, unit }) => heading(title, unit))], body)
}

/** As listed, or best first and who failed from the start last. */
export function inOrder({ rows, better }: Measure, order: ItemResult["order"]): readonly Row[] {
  if (order === "as listed") return rows
  const worst = better === "higher" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const value = ({ values }: Row): number => (values.length === 0 ? worst : median(values))
  return rows.toSorted((a, b) => (better === "higher" ? value(b) - value(a) : value(a) - value(b)))
}
