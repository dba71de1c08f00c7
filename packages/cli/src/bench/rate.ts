import { UsageError } from "../usage-error.ts"

const PER_SECOND: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

/** More than one process can send. */
const MOST_PER_SECOND = 100_000

/** Arrivals per second from a text such as 100/s, 2.5/s or 30/m. @throws UsageError for anything else. */
export function parseRate(option: string, text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(text) ?? []
  const perSecond = Number(amount) / (PER_SECOND[unit ?? ""] ?? Number.NaN)
  if (perSecond > MOST_PER_SECOND) throw new UsageError(`${option} is "${text}"; give at most ${MOST_PER_SECOND}/s`)
  if (perSecond > 0) return perSecond
  const fix = /^\d+(\.\d+)?$/.test(text) && Number(text) > 0 ? `write ${text}/s` : "write it like 100/s or 30/m"
  throw new UsageError(`${option} is "${text}", which is no rate; ${fix}`)
}
