import type { BatchEnd, CallOutcome } from "steadfetch"
import { errorOf, verdictOf } from "../batch/results.ts"
import { formatDuration } from "../duration.ts"
import { oneLine, type Paint } from "../paint.ts"
import { statusStyle } from "../story.ts"
import { shownUrl } from "../target-url.ts"
import type { ReplayedCall } from "./request.ts"
import { differs } from "./status-group.ts"

export type End = BatchEnd<ReplayedCall, unknown>

/** What became of one call, beside what was recorded, as plain data. */
export interface Result {
  /** Its place among the calls, from 0. */
  readonly index: number
  /** Its place in `log.entries`, from 0. */
  readonly entry: number
  readonly method: string
  readonly url: string
  readonly recordedStatus: number | null
  readonly status: number | null
  /** Whether it ended in another status class than when it was recorded; null where it did not end by itself. */
  readonly differs: boolean | null
  readonly recordedMs: number | null
  /** All its attempts and waits. */
  readonly durationMs: number | null
  readonly outcome: End["kind"]
  readonly verdict: "accept" | "correct" | "retry"
  readonly error: string | null
  readonly attempts: number
}

export function resultOf(end: End): Result {
  const { index, item, kind, outcome } = end
  const { recorded, method, url } = item
  const status = outcome === undefined || outcome.kind === "no-reply" ? undefined : outcome.status
  return {
    index,
    entry: recorded.entry,
    method,
    url: shownUrl(url),
    recordedStatus: recorded.status ?? null,
    status: status ?? null,
    differs: hasEnded(end) ? differs(recorded.status, status) : null,
    recordedMs: tenths(recorded.durationMs),
    durationMs: tenths(durationOf(outcome)),
    outcome: kind,
    verdict: verdictOf(end),
    error: errorOf(end),
    attempts: outcome?.attempts.length ?? 0,
  }
}

/** Whether the call ended by itself, and was not kept from it. */
export function hasEnded({ kind }: End): boolean {
  return kind !== "thrown" && kind !== "not-sent"
}

function durationOf(outcome: CallOutcome | undefined): number | undefined {
  const [first] = outcome?.attempts ?? []
  const last = outcome?.attempts.at(-1)
  if (first === undefined || last?.durationMs === undefined) return undefined
  return last.startedAt - first.startedAt + last.durationMs
}

function tenths(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 10) / 10
}

/** "≠ 200 → 503  120 ms → 4.2 s  4 attempts  GET https://…": recorded → now. "" for a call that was not sent. */
export function resultLine(end: End, paint: Paint): string {
  if (end.kind === "not-sent") return ""
  const { recordedStatus, status, differs, recordedMs, durationMs, attempts, method, url, error } = resultOf(end)
  const failure = end.outcome?.attempts.at(-1)?.failure
  const now = status === null ? (end.kind === "thrown" ? "cut off" : (failure ?? "none")) : String(status)
  const statuses = `${recordedStatus ?? "none"} → ${now}`
  const style = status === null ? "red" : statusStyle(status)
  const times = `${recordedMs === null ? "?" : formatDuration(recordedMs)} → ${durationMs === null ? "?" : formatDuration(durationMs)}`
  return [
    `${differs === true ? paint("bold", "≠") : " "} ${paint(style, statuses.padEnd(12))}`,
    times.padEnd(16),
    (attempts === 1 ? "1 attempt" : `${attempts} attempts`).padEnd(11),
    `${method} ${url}`,
    ...(end.kind === "thrown" && error !== null ? [oneLine(error)] : []),
  ].join("  ")
}
