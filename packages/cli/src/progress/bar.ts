import { formatDuration } from "../duration.ts"
import type { Paint } from "../paint.ts"
import { width } from "../width.ts"

/** Narrower than this it would show nothing; wider, it is no clearer. */
const NARROWEST_BAR = 8
const WIDEST_BAR = 32

/** Something that a line says, and how little it matters: what has the highest number is left out first. */
export type Part = readonly [rank: number, text: string | undefined]

/**
 * A line of at most so many columns: a bar, where a share is known and there is room, and the parts that fit. Without an
 * end of the columns it is for a log, and has no bar.
 */
export function barLine(share: number | undefined, parts: readonly Part[], columns: number, paint: Paint): string {
  const kept = parts.filter((part): part is readonly [number, string] => part[1] !== undefined)
  const text = (): string => kept.map(([, text]) => text).join("  ")
  while (kept.length > 1 && width(text()) > columns) {
    const rank = Math.max(...kept.map(([rank]) => rank))
    kept.splice(
      kept.findIndex((part) => part[0] === rank),
      1,
    )
  }
  if (columns === Number.POSITIVE_INFINITY) return text().trimStart()
  const barWidth = Math.min(WIDEST_BAR, columns - width(text()) - 2)
  return share === undefined || barWidth < NARROWEST_BAR ? text() : `${bar(share, barWidth, paint)}  ${text()}`
}

function bar(share: number, columns: number, paint: Paint): string {
  const room = columns - 2
  const filled = Math.min(room, Math.max(0, Math.floor(share * room)))
  const head = filled === 0 || filled === room ? "=".repeat(filled) : `${"=".repeat(filled - 1)}>`
  return `[${paint("green", head)}${" ".repeat(room - filled)}]`
}

/** " 42 %": 100 only when all is there. */
export function percent(share: number): string {
  return `${String(Math.min(100, Math.floor(share * 100))).padStart(3)} %`
}

/** How much of it is done, from 0 to 1; undefined where nobody knows how much there is. */
export function shareOf(amount: number, total: number | undefined): number | undefined {
  if (total === undefined) return undefined
  return total === 0 ? 1 : Math.min(1, amount / total)
}

/** "3 min left"; a time that changes by the second needs no tenths. */
export function timeLeft(leftMs: number | undefined): string | undefined {
  return leftMs === undefined ? undefined : `${formatDuration(Math.max(1000, Math.ceil(leftMs / 1000) * 1000))} left`
}

const UNITS = ["kB", "MB", "GB", "TB", "PB"] as const

/** Bytes for people: "512 B", "1.2 kB", "340 MB"; a kB is 1000 bytes. */
export function formatBytes(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`
  let amount = bytes / 1000
  let unit = 0
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1000
    unit++
  }
  return `${amount < 99.95 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[unit]}`
}

/** "1 retry", "2 retries"; undefined for none. */
export function counted(count: number, one: string, many: string): string | undefined {
  return count === 0 ? undefined : `${count} ${count === 1 ? one : many}`
}
