import type { Unit } from "../results.ts"

/** A number as people read it: about three digits that matter, at most two of them behind the point. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return "–"
  const digitsBefore = Math.abs(value) < 1 ? 1 : Math.floor(Math.log10(Math.abs(value))) + 1
  const step = 10 ** Math.max(0, digitsBefore - 3)
  const digits = Math.max(0, 3 - digitsBefore)
  const shown = digits > 0 ? value : Math.round(value / step) * step
  return shown.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** The heading of a column. */
export function heading(title: string, unit: Unit): string {
  return unit === "calls/s" ? title : `${title}, ${unit}`
}
