import { formatDuration } from "../duration.ts"
import { isBusy, isLate } from "./generator-health.ts"
import { countOf, type Report } from "./report.ts"

/** What the numbers of a report mean, in plain sentences: the most important first. */
export function meaning(report: Report): string[] {
  const { calls, noReply, url } = report
  if (calls.count === 0) return [nothing(report)]
  if (countOf(noReply) === calls.count) return [`No call got a reply; is the server running at ${url}?`]
  return [verdicts(report), corrections(report), budget(report), ...conditions(report)].filter(
    (sentence) => sentence !== undefined,
  )
}

function nothing({ end, calls }: Report): string {
  if (end === "paused") return "Nothing was measured: the server asked for a pause before the first call."
  return calls.cut > 0
    ? "Nothing was measured: no call had ended when it was interrupted."
    : "Nothing was measured: it was interrupted before the first call."
}

/** What retries did, or would have done. */
function verdicts(report: Report): string {
  const { accepted, exhausted, noReply, load, calls } = report
  const all = counted(calls.count, "call")
  const lost = countOf(exhausted) + countOf(noReply)
  const troubled = accepted.afterRetry + lost
  if (troubled === 0) {
    const correct = countOf(report.correct)
    if (correct === calls.count) return `None of ${all} was accepted.`
    if (correct > 0) return `What the server accepted of ${all}, it accepted at once.`
    return calls.count === 1 ? "The one call succeeded at once." : `All ${all} succeeded at once.`
  }
  if (!load.retries)
    return `${capital(share(troubled, calls.count))} of the calls failed in a way that commonly passes (5xx or no reply): ${number(troubled)} of ${all}. Nothing was tried again.`
  if (accepted.afterRetry === 0)
    return `${capital(share(lost, calls.count))} of the calls failed, and retries saved none: ${number(lost)} of ${all}.`
  const saved = `${capital(share(accepted.afterRetry, calls.count))} of the calls were saved by a retry; without retries ${number(troubled)} of ${all} would have failed`
  return lost === 0 ? `${saved}.` : `${saved}, with them ${number(lost)} did.`
}

function corrections({ correct, calls }: Report): string | undefined {
  const count = countOf(correct)
  if (count === 0) return undefined
  return `The server refused ${number(count)} of ${counted(calls.count, "call")} (4xx): the request has to change, and sending it again would not help.`
}

function budget({ endings }: Report): string | undefined {
  const count = endings.budget ?? 0
  if (count === 0) return undefined
  return `${counted(count, "call")} ended without a further attempt because the retry budget was spent: so much failed that retries would only have been more load.`
}

/** What the numbers were measured under. */
function conditions({ end, load, schedule, generator, pausedMs, accepted }: Report): (string | undefined)[] {
  const redirects = Object.entries(accepted.statuses).reduce((sum, [status, count]) => sum + (status.startsWith("3") ? count : 0), 0) // prettier-ignore
  return [
    redirects > 0
      ? `${counted(redirects, "call")} ended with a redirect, which is not followed: it would load another address.`
      : undefined,
    pausedMs > 0
      ? `Nothing began for ${formatDuration(pausedMs)}, because the server asked for that (Retry-After)${end === "paused" ? "; with that it was over" : ""}.`
      : undefined,
    schedule !== null && schedule.missed > 0
      ? `The server did not keep up with ${load.perSecond}/s: ${counted(schedule.missed, "call")} never began, as ${load.concurrency} were under way all the time. Lower --rate, or raise --concurrency if the server bears it.`
      : undefined,
    isBusy(generator)
      ? `This command itself was the limit: it was busy ${share(generator.busyShare, 1)} of the time. The server may do more than this says; load it from several machines at once.`
      : undefined,
    isLate(generator)
      ? `This command was up to ${formatDuration(generator.delayP99Ms)} late itself: the longest latencies are not the server's alone. Leave its machine to it, or lower --concurrency or --rate.`
      : undefined,
  ]
}

/** "2.1 %"; never 0 for some, nor 100 for less than all. */
function share(part: number, all: number): string {
  const percent = (part / all) * 100
  if (part > 0 && percent < 0.1) return "less than 0.1 %"
  if (part < all && percent > 99.9) return "more than 99.9 %"
  return `${Number(percent.toFixed(1))} %`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** "1,000". */
export function number(count: number): string {
  return count.toLocaleString("en")
}

function counted(count: number, one: string): string {
  return `${number(count)} ${one}${count === 1 ? "" : "s"}`
}
