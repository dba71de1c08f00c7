import { parseHttpDate } from "./http-date.ts"

/** Where a Retry-After of this size comes from is a mistake; it bounds arithmetic, not patience (about 31 years). */
const LARGEST_MS = 1e12

/**
 * Milliseconds that the server asks to wait: `retry-after-ms`, Retry-After in seconds or as a date (RFC 9110 §10.2.3),
 * or the RetryInfo of a Google API's error body. A date in the past gives 0. Undefined when there is none, or none that
 * is valid.
 * @param get A header field's value.
 * @param text The body as far as it was read; asked for last.
 * @param dateMs The time of day.
 */
export function retryAfterMs(
  get: (name: string) => string | null,
  text: () => string,
  dateMs: number,
): number | undefined {
  return milliseconds(get("retry-after-ms")) ?? delayOrDate(get("retry-after"), dateMs) ?? retryInfo(text())
}

function milliseconds(value: string | null): number | undefined {
  return value !== null && /^\s*\d+(\.\d+)?\s*$/.test(value) ? bounded(Math.ceil(Number(value))) : undefined
}

function delayOrDate(value: string | null, dateMs: number): number | undefined {
  if (value === null) return undefined
  const trimmed = value.trim()
  if (/^\d+$/.test(trimmed)) return bounded(Number(trimmed) * 1000)
  const date = parseHttpDate(trimmed, dateMs)
  return date === undefined ? undefined : bounded(Math.max(0, date - dateMs))
}

/** google.rpc.RetryInfo: `{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3.5s"}`. */
function retryInfo(text: string): number | undefined {
  if (!text.includes("google.rpc.RetryInfo")) return undefined
  const seconds = /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(text)?.[1]
  return seconds === undefined ? undefined : bounded(Math.ceil(Number(seconds) * 1000))
}

function bounded(delayMs: number): number {
  return Math.min(delayMs, LARGEST_MS)
}
