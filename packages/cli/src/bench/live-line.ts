import { formatLatency } from "../duration.ts"
import type { Paint, Style } from "../paint.ts"
import { barLine, percent, shareOf, timeLeft } from "../progress/bar.ts"
import { timeLeftMs } from "../progress/speed.ts"
import type { Load, LoadPlan } from "./load.ts"
import { number } from "./meaning.ts"
import { sumOf, type Tally } from "./tally.ts"

/** The line that moves while a load is under way. */
export function liveLine(plan: LoadPlan, tally: Tally, load: Load, columns: number, paint: Paint): string {
  const { calls, durationMs } = plan
  const { elapsedMs, speed } = tally
  const share = durationMs === undefined ? shareOf(tally.calls, calls) : shareOf(elapsedMs, durationMs)
  const leftMs = durationMs === undefined ? timeLeftMs(tally.calls, calls, speed) : durationMs - elapsedMs
  const latency = (name: string, of: number): string | undefined => {
    const ms = tally.callLatencies.percentileMs(of)
    return ms === undefined ? undefined : `${name} ${formatLatency(ms)}`
  }
  const counted = (style: Style, count: number, what: string): string | undefined =>
    count === 0 ? undefined : paint(style, `${number(count)} ${what}`)
  const parts = [
    [0, percent(share ?? 0)],
    [2, speed === undefined ? undefined : `${speed < 10 ? speed.toFixed(1) : number(Math.round(speed))}/s`],
    [4, latency("p50", 50)],
    [3, latency("p99", 99)],
    [5, counted("green", tally.acceptedAtOnce, "ok")],
    [6, counted("green", tally.acceptedAfterRetry, "retried")],
    [6, counted("yellow", sumOf(tally.corrections), "4xx")],
    [6, counted("red", sumOf(tally.exhausted), "exhausted")],
    [6, counted("red", sumOf(tally.noReplies), "no reply")],
    [1, standing(load, leftMs)],
  ] as const
  return barLine(share, parts, columns, paint)
}

function standing(load: Load, leftMs: number | undefined): string | undefined {
  if (load.isOver) return `waits for ${number(load.underWay)} under way`
  if (load.pauseLeftMs > 0) return `paused by the server, ${timeLeft(load.pauseLeftMs)}`
  return timeLeft(leftMs)
}
