import { width } from "../width.ts"

/** Texts in columns, two spaces apart; the last one is as long as it is. @param right Columns that stand to the right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const columns = rows[0]?.map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? "")))) ?? []
  return rows.map((row) =>
    row
      .map((text, column) => {
        const gap = " ".repeat(Math.max(0, (columns[column] ?? 0) - width(text)))
        return right.includes(column) ? gap + text : text + gap
      })
      .join("  ")
      .trimEnd(),
  )
}
