import type { Ending, FailureCode } from "steadfetch"
import { shownUrl } from "../target-url.ts"
import type { BenchTask } from "./arguments.ts"
import { isBusy, isLate, type GeneratorHealth } from "./generator-health.ts"
import type { Latencies, LatencySummary } from "./latencies.ts"
import type { Load, LoadEnd } from "./load.ts"
import type { Group, Tally } from "./tally.ts"

/** Calls that ended with one status. */
export interface StatusGroup extends Readonly<Group> {
  readonly status: number
}

/** Calls that got no reply for one reason. */
interface ReasonGroup extends Readonly<Group> {
  readonly reason: FailureCode
}

/** The object of `--output json`. Times are in milliseconds; what has no value is null. */
export interface Report {
  readonly method: string
  readonly url: string
  readonly load: {
    readonly model: "closed" | "open"
    readonly concurrency: number
    readonly perSecond: number | null
    readonly durationMs: number | null
    readonly requests: number | null
    readonly warmUpMs: number
    /** Whether what failed was tried again. */
    readonly retries: boolean
  }
  readonly end: LoadEnd
  readonly elapsedMs: number
  readonly calls: {
    readonly count: number
    readonly perSecond: number
    /** Under way when Ctrl-C came; in no other number. */
    readonly cut: number
  }
  readonly attempts: { readonly count: number; readonly perCall: number }
  readonly bytes: { readonly count: number; readonly perSecond: number }
  readonly latencyMs: { readonly calls: LatencySummary | null; readonly attempts: LatencySummary | null }
  readonly accepted: {
    readonly atOnce: number
    readonly afterRetry: number
    readonly statuses: Readonly<Record<string, number>>
  }
  readonly correct: readonly StatusGroup[]
  readonly exhausted: readonly StatusGroup[]
  readonly noReply: readonly ReasonGroup[]
  /** Why what could have succeeded later was not tried again. */
  readonly endings: Readonly<Partial<Record<Ending, number>>>
  /** Between attempts. */
  readonly waits: { readonly count: number; readonly totalMs: number; readonly askedByServer: number }
  /** Time in which nothing began, because the server asked for that. */
  readonly pausedMs: number
  /** Of the open model: arrivals that came late, or not at all, because too many were under way. */
  readonly schedule: { readonly late: number; readonly longestLateMs: number; readonly missed: number } | null
  readonly generator: GeneratorHealth & { readonly wasTheLimit: boolean }
}

/** What came of a load, as plain data. */
export function report(
  { method, url, plan, warmUpMs, isBare, retry }: BenchTask,
  tally: Tally,
  { pausedMs, missed }: Load,
  end: LoadEnd,
  health: GeneratorHealth,
): Report {
  const { mark, waits, late, longestLateMs } = tally
  const { concurrency, perSecond, durationMs, calls } = plan
  return {
    method,
    url: shownUrl(url),
    load: {
      model: perSecond === undefined ? "closed" : "open",
      concurrency,
      perSecond: perSecond ?? null,
      durationMs: durationMs ?? null,
      requests: calls ?? null,
      warmUpMs,
      retries: !isBare && (typeof retry !== "object" || retry.attempts !== 1),
    },
    end,
    elapsedMs: rounded(tally.elapsedMs),
    calls: { count: tally.calls, perSecond: rate(mark.calls, mark.elapsedMs), cut: tally.cut },
    attempts: { count: tally.attempts, perCall: tally.calls === 0 ? 0 : rounded(tally.attempts / tally.calls) },
    bytes: { count: tally.bytes, perSecond: rate(mark.bytes, mark.elapsedMs) },
    latencyMs: { calls: summary(tally.callLatencies), attempts: summary(tally.attemptLatencies) },
    accepted: {
      atOnce: tally.acceptedAtOnce,
      afterRetry: tally.acceptedAfterRetry,
      statuses: Object.fromEntries(tally.acceptedStatuses),
    },
    correct: byCount(tally.corrections).map(([status, group]) => ({ status, ...group })),
    exhausted: byCount(tally.exhausted).map(([status, group]) => ({ status, ...group })),
    noReply: byCount(tally.noReplies).map(([reason, group]) => ({ reason, ...group })),
    endings: Object.fromEntries(tally.endings),
    waits: { count: waits.count, totalMs: rounded(waits.totalMs), askedByServer: waits.asked },
    pausedMs: rounded(pausedMs),
    schedule: perSecond === undefined ? null : { late, longestLateMs: rounded(longestLateMs), missed },
    generator: { busyShare: rounded(health.busyShare), delayP99Ms: rounded(health.delayP99Ms), wasTheLimit: isBusy(health) || isLate(health) }, // prettier-ignore
  }
}

function summary(latencies: Latencies): LatencySummary | null {
  const exact = latencies.summary
  if (exact === undefined) return null
  const { mean, p50, p90, p99, p999, max } = exact
  return { mean: rounded(mean), p50: rounded(p50), p90: rounded(p90), p99: rounded(p99), p999: rounded(p999), max: rounded(max) } // prettier-ignore
}

function byCount<Key>(groups: ReadonlyMap<Key, Group>): [Key, Group][] {
  return [...groups].toSorted(([, one], [, other]) => other.count - one.count)
}

function rate(count: number, elapsedMs: number): number {
  return elapsedMs === 0 ? 0 : rounded((count / elapsedMs) * 1000)
}

/** To three digits after the point. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}

/** How many calls these are. */
export function countOf(groups: readonly Readonly<Group>[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0)
}
