import { UsageError } from "./usage-error.ts"

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/**
 * Milliseconds from a text such as 500ms, 1.5s, 2m or 1h.
 * @throws UsageError for anything else.
 */
export function parseDuration(option: string, text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const delayMs = Number(amount) * (UNITS_MS[unit ?? ""] ?? Number.NaN)
  if (delayMs > 0) return delayMs
  const fix = /^\d+$/.test(text) && text !== "0" ? `write ${text}s or ${text}ms` : "write it like 500ms, 30s or 2m"
  throw new UsageError(`${option} is "${text}", which is no duration; ${fix}`)
}

/** As {@link parseDuration}; "none" gives false: no limit. */
export function parseLimit(option: string, text: string): number | false {
  return text === "none" ? false : parseDuration(option, text)
}

/** A duration for people: "4 ms", "1.2 s", "2 min 5 s", "1 h 30 min". */
export function formatDuration(delayMs: number): string {
  if (delayMs < 999.5) return `${Math.round(delayMs)} ms`
  if (delayMs < 59_950) return `${Number((delayMs / 1000).toFixed(1))} s`
  const seconds = Math.round(delayMs / 1000)
  if (seconds >= 3600) return formatHours(Math.round(seconds / 60))
  const rest = seconds % 60
  return `${Math.floor(seconds / 60)} min${rest === 0 ? "" : ` ${rest} s`}`
}

function formatHours(minutes: number): string {
  const rest = minutes % 60
  return `${Math.floor(minutes / 60)} h${rest === 0 ? "" : ` ${rest} min`}`
}

/** A latency for people, in three digits: "0.42 ms", "8.41 ms", "84.1 ms", "412 ms"; seconds as other durations. */
export function formatLatency(latencyMs: number): string {
  if (latencyMs >= 99.95) return formatDuration(latencyMs)
  return `${latencyMs.toFixed(latencyMs < 9.995 ? 2 : 1)} ms`
}
