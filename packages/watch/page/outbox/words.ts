import { duration } from "../format.ts"

const GATES: Readonly<Record<string, string>> = {
  paused: "asked to be left alone",
  probing: "is in outage, and gets one call at a time",
  recovering: "answers again, and gets what has piled up little by little",
}

export function gateWords(gate: string): string {
  return Object.hasOwn(GATES, gate) ? (GATES[gate] ?? gate) : gate
}

const DAY_MS = 86_400_000

/** How long it is until an instant: "in 2 min 5 s", "in 3 days". */
export function until(at: number, now: number): string {
  return at <= now ? "now" : `in ${long(at - now)}`
}

/** How long ago something was. */
export function ago(at: number, now: number): string {
  return now - at < 1000 ? "just now" : `${long(now - at)} ago`
}

function long(ms: number): string {
  if (ms < 2 * 3_600_000) return duration(Math.ceil(ms / 1000) * 1000)
  return ms < 2 * DAY_MS ? `${Math.round(ms / 3_600_000)}\u00A0h` : `${Math.round(ms / DAY_MS)}\u00A0days`
}

export function bytes(count: number): string {
  if (count < 1000) return `${count}\u00A0B`
  return count < 1e6 ? `${(count / 1000).toFixed(1)}\u00A0kB` : `${(count / 1e6).toFixed(1)}\u00A0MB`
}

/** The date and time where the page is looked at. */
export function dateTime(ms: number): string {
  return new Date(ms).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" })
}
