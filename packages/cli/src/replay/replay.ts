import { refusals } from "../batch/refusals.ts"
import { Tally } from "../batch/tally.ts"
import { EXIT, Interruption } from "../exit-codes.ts"
import { oneLine } from "../paint.ts"
import { Progress } from "../progress/progress.ts"
import { noteCredentials } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import type { ReplayTask } from "./arguments.ts"
import { Differences } from "./differences.ts"
import { printList } from "./list.ts"
import { readHar } from "./read-har.ts"
import { recordedCalls } from "./recording.ts"
import { remarksOn } from "./remarks.ts"
import { runReplay } from "./run.ts"
import { selection, type Selection } from "./selection.ts"
import { wholeCalls } from "./whole-calls.ts"

/** Reads the recording, makes its calls, and tells how each ended. Resolves to the exit code. */
export async function replay(task: ReplayTask, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, interrupted } = surroundings
  noteCredentials(task, stderr)
  if (!task.quiet && task.file !== "-") stderr.live("reads the recording")
  const har = await readHar(task.file, task.quiet, surroundings).finally(() => stderr.live(""))
  const chosen = selection(wholeCalls(recordedCalls(har)), task)
  const remarks = remarksOn(chosen, task.to)
  if (chosen.calls.length === 0) throw new UsageError(["there is nothing to send", ...remarks].join("; "))
  await check(task, chosen, interrupted)
  if (!task.quiet) {
    const { length } = chosen.calls
    stderr.line(stderr.paint("bold", `${length === 1 ? "1 call" : `${length} calls`}, ${paceOf(task)}`))
    for (const remark of remarks) stderr.line(stderr.paint("dim", remark))
  }
  if (!task.list) return send(task, chosen, surroundings)
  await printList(chosen.calls, task.json, stdout)
  return EXIT.success
}

function paceOf({ list, speed, concurrency }: ReplayTask): string {
  if (list) return "not sent"
  return speed === undefined ? `${concurrency} at a time` : `at ${speed} × the recorded pace`
}

async function send(task: ReplayTask, chosen: Selection, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, clock, interrupted } = surroundings
  const tally = new Tally(clock, chosen.calls.length)
  const differences = new Differences()
  const progress = task.quiet ? undefined : new Progress(stderr, clock, (columns) => tally.line(columns, stderr.paint))
  try {
    await runReplay(task, chosen, tally, differences, surroundings)
  } finally {
    progress?.end()
  }
  const reason: unknown = interrupted.reason
  if (!task.quiet) {
    if (reason instanceof Interruption) stderr.line(stderr.paint("yellow", `aborted by ${reason.message}`))
    stderr.line(tally.summary(stderr.paint))
    const compared = differences.summary(stderr.paint)
    if (compared !== undefined) stderr.line(compared)
  }
  if (reason instanceof Interruption) return reason.exitCode
  return differences.isSuccess && !stdout.abandoned.aborted ? EXIT.success : EXIT.mismatch
}

/** @throws UsageError for a call that the client refuses, before any is sent. */
async function check(task: ReplayTask, { calls, origin }: Selection, signal: AbortSignal): Promise<void> {
  const refusal = refusals({ ...task, baseUrl: origin })
  for (const { recorded, method, url, options } of calls) {
    signal.throwIfAborted()
    const refused = await refusal(method, url, options)
    if (refused !== undefined) throw new UsageError(oneLine(`log.entries[${recorded.entry}].request: ${refused}`))
  }
}
