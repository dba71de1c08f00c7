import { parseHttpDate } from "./http-date.ts"

/** Where a Retry-After of this size comes from is a mistake; it bounds arithmetic, not patience (about 31 years). */
const LARGEST_MS = 1e12

/**
 * Milliseconds that the server asks to wait: `retry-after-ms`, or Retry-After in seconds or as a date
 * (RFC 9110 §10.2.3). A date in the past gives 0. Undefined when there is none, or none that is valid.
 * @param get A header field's value.
 * @param dateMs The time of day.
 */
export function retryAfterMs(get: (name: string) => string | null, dateMs: number): number | undefined {
  const precise = get("retry-after-ms")?.trim() ?? ""
  if (/^\d+(\.\d+)?$/.test(precise)) return bounded(Number(precise))
  const value = get("retry-after")?.trim() ?? ""
  if (/^\d+$/.test(value)) return bounded(Number(value) * 1000)
  const date = parseHttpDate(value, dateMs)
  return date === undefined ? undefined : bounded(date - dateMs)
}

/** Milliseconds in google.rpc.RetryInfo: `{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3.5s"}`. */
export function retryInfoMs(text: string): number | undefined {
  const seconds = text.includes("google.rpc.RetryInfo") && /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(text)?.[1]
  return seconds ? bounded(Number(seconds) * 1000) : undefined
}

function bounded(delayMs: number): number {
  return Math.min(Math.max(0, Math.ceil(delayMs)), LARGEST_MS)
}
