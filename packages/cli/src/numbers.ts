import { UsageError } from "./usage-error.ts"

/** A whole number of an option. @throws UsageError for anything else. */
export function parseCount(option: string, text: string, least: number, most = 999_999_999): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
  const range = most === 999_999_999 ? `from ${least}` : `from ${least} to ${most}`
  throw new UsageError(`${option} is ${JSON.stringify(text)}; give a whole number ${range}`)
}
