import type { Unit } from "../results.ts"

/** A number as people read it: three digits that matter, thousands apart. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return "–"
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.1))))
  const step = Math.max(1, 10 ** (Math.floor(Math.log10(Math.max(Math.abs(value), 1))) - 2))
  const shown = digits > 0 ? value : Math.round(value / step) * step
  return shown.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** The heading of a column. */
export function heading(title: string, unit: Unit): string {
  return unit === "calls/s" ? title : `${title}, ${unit}`
}
