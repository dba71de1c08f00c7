import { explain, statusClass, statusName, type AttemptRecord, type CallRecord, type Outcome } from "steadfetch"
import { formatDuration } from "./duration.ts"
import { harmless, type Paint, type Style } from "./paint.ts"

/** The beginning of an attempt's line: as wide for ten attempts as for one. */
export function numbered({ number }: AttemptRecord): string {
  return ` ${String(number).padStart(2)}  `
}

/** "503 Service Unavailable" in the colour of its class, or why there is none. */
function attemptResult(attempt: AttemptRecord, paint: Paint): string {
  const { status, failure, message } = attempt
  if (status === undefined) return paint("red", `no reply (${failure ?? "unknown"})`) + said(message)
  return paint(statusStyle(status), `${status} ${statusName(status)}`)
}

function said(message: string | undefined): string {
  return message === undefined ? "" : `: ${harmless(message)}`
}

export function statusStyle(status: number): Style {
  const kind = statusClass(status)
  return kind === "success" ? "green" : kind === "client-error" ? "yellow" : kind === "server-error" ? "red" : "cyan"
}

/** One attempt in one line: its number, how it ended, how long it took, and where it went when a redirect led away. */
export function attemptLine(call: CallRecord, attempt: AttemptRecord, paint: Paint): string {
  const took = attempt.durationMs === undefined ? "" : `  ${paint("dim", formatDuration(attempt.durationMs))}`
  const isElsewhere = attempt.url !== call.url || attempt.method !== call.method
  const moved = isElsewhere ? `  ${paint("dim", `${attempt.method} ${attempt.url}`)}` : ""
  return `${numbered(attempt)}${attemptResult(attempt, paint)}${took}${moved}`
}

/** The server's own words about an attempt that will be repeated; undefined when it gave none. */
export function saidLine(call: CallRecord, outcome: Outcome, paint: Paint): string | undefined {
  if (outcome.kind === "failure" || outcome.body.bytes === undefined) return undefined
  const { message } = explain(outcome.headers, call.redact(new TextDecoder().decode(outcome.body.bytes)))
  return message === undefined ? undefined : `     ${paint("dim", "the server says:")} ${message}`
}

/** How long the call waits before its next attempt, and why. */
export function waitLine(waitMs: number, why: string, paint: Paint): string {
  return `     ${paint("dim", `waits ${formatDuration(waitMs)}: ${why}`)}`
}

/** "2 attempts in 1.2 s". */
export function effort(attempts: readonly AttemptRecord[], durationMs: number): string {
  return `${attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`} in ${formatDuration(durationMs)}`
}
