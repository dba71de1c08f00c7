import { statusName } from "steadfetch"
import { formatDuration, formatLatency } from "../duration.ts"
import { oneLine, type Paint, type Style } from "../paint.ts"
import { formatBytes } from "../progress/bar.ts"
import { statusStyle } from "../story.ts"
import type { LatencySummary } from "./latencies.ts"
import { meaning, number } from "./meaning.ts"
import { countOf, type Report, type StatusGroup } from "./report.ts"

/** The width of the first column: "accepted after a retry", and statuses below. */
const NAME_COLUMNS = 26
const COUNT_COLUMNS = 9

/** The report for people. */
export function reportText(report: Report, paint: Paint): string {
  const blocks = [heading(report, paint), amounts(report), latencies(report), story(report, paint), meaning(report)]
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`
}

function heading({ method, url, load }: Report, paint: Paint): string[] {
  const { perSecond, concurrency, durationMs, requests, retries } = load
  const parts = [
    perSecond === null ? `${concurrency} at a time` : `${Number(perSecond.toPrecision(6))}/s, at most ${concurrency} at a time`, // prettier-ignore
    durationMs === null ? `${number(requests ?? 0)} calls` : formatDuration(durationMs),
    ...(retries ? [] : ["without retries"]),
  ]
  return [`${paint("bold", `${method} ${url}`)}  ${parts.join(", ")}`]
}

function amounts({ calls, attempts, bytes, waits, schedule, elapsedMs }: Report): string[] {
  const row = (name: string, amount: string, rest: string): string =>
    `${name.padEnd(10)}${amount.padStart(10)}  ${rest}`
  return [
    row("calls", number(calls.count), `${perSecond(calls.perSecond)}, ${formatDuration(elapsedMs)} in all`),
    row("attempts", number(attempts.count), `${attempts.perCall.toFixed(2)} per call`),
    row("received", formatBytes(bytes.count), `${formatBytes(bytes.perSecond)}/s`),
    ...(waits.count === 0
      ? []
      : [row("waits", number(waits.count), `${formatDuration(waits.totalMs)} in all, ${number(waits.askedByServer)} asked for by the server`)]), // prettier-ignore
    ...(schedule === null || schedule.late === 0
      ? []
      : [row("late", number(schedule.late), `had to wait for others to end, up to ${formatDuration(schedule.longestLateMs)}`)]), // prettier-ignore
    ...(calls.cut === 0 ? [] : [row("cut off", number(calls.cut), "under way when it was interrupted, not counted")]),
  ]
}

function perSecond(rate: number): string {
  return `${rate < 10 ? rate.toFixed(1) : number(Math.round(rate))}/s`
}

function latencies({ latencyMs }: Report): string[] {
  const cells = ["p50", "p90", "p99", "p99.9", "max"]
  const row = (name: string, cells: readonly string[]): string =>
    name.padEnd(10) + cells.map((cell) => cell.padStart(10)).join("")
  const shown = (name: string, summary: LatencySummary | null): string[] => {
    if (summary === null) return []
    const { p50, p90, p99, p999, max } = summary
    return [row(name, [p50, p90, p99, p999, max].map(formatLatency))]
  }
  const rows = [...shown("calls", latencyMs.calls), ...shown("attempts", latencyMs.attempts)]
  return rows.length === 0 ? [] : [row("latency", cells), ...rows]
}

/** How the calls ended, by verdict. */
function story(report: Report, paint: Paint): string[] {
  const { accepted, correct, exhausted, noReply, calls } = report
  const row = (style: Style, name: string, count: number): string[] => {
    if (count === 0) return []
    const share = `${((count / calls.count) * 100).toFixed(1)} %`
    return [`${paint(style, name.padEnd(NAME_COLUMNS))}${number(count).padStart(COUNT_COLUMNS)}${share.padStart(COUNT_COLUMNS)}`] // prettier-ignore
  }
  return [
    ...row("green", "accepted at once", accepted.atOnce),
    ...row("green", "accepted after a retry", accepted.afterRetry),
    ...row("yellow", "to be corrected", countOf(correct)),
    ...correct.flatMap((group) => statusLines(group, paint)),
    ...row("red", report.load.retries ? "retries exhausted" : "failed", countOf(exhausted)),
    ...exhausted.flatMap((group) => statusLines(group, paint)),
    ...row("red", "no reply", countOf(noReply)),
    ...noReply.flatMap(({ reason, count, messages }) =>
      groupLines(paint("red", named(reason)), count, messages, paint),
    ),
  ]
}

function named(text: string): string {
  return `  ${text}`.padEnd(NAME_COLUMNS)
}

function statusLines({ status, count, messages }: StatusGroup, paint: Paint): string[] {
  return groupLines(paint(statusStyle(status), named(`${status} ${statusName(status)}`)), count, messages, paint)
}

/** What the server said stands below, each message once. */
function groupLines(name: string, count: number, messages: readonly string[], paint: Paint): string[] {
  return [
    name + number(count).padStart(COUNT_COLUMNS),
    ...messages.map((message) => paint("dim", `    ${oneLine(message)}`)),
  ]
}
