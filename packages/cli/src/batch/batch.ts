import { EXIT, Interruption } from "../exit-codes.ts"
import { Progress } from "../progress/progress.ts"
import { noteCredentials } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import type { BatchTask } from "./arguments.ts"
import { parseCallLine } from "./call-line.ts"
import { linesOf } from "./lines.ts"
import { refusals } from "./refusals.ts"
import { runBatch } from "./run.ts"
import { sourceOf, type Source } from "./source.ts"
import { Tally } from "./tally.ts"

/** Looks through the calls, makes them, and tells how each ended. Resolves to the exit code. */
export async function batch(task: BatchTask, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, clock, interrupted } = surroundings
  noteCredentials(task, stderr)
  const source = await sourceOf(task.file, task.quiet, surroundings)
  if (!task.quiet) stderr.live("looks through the lines")
  const total = await check(task, source, interrupted).finally(() => stderr.live(""))
  const tally = new Tally(clock, total)
  if (!task.quiet)
    stderr.line(stderr.paint("bold", `${total === 1 ? "1 call" : `${total} calls`}, ${task.concurrency} at a time`))
  const progress = task.quiet ? undefined : new Progress(stderr, clock, (columns) => tally.line(columns, stderr.paint))
  try {
    await runBatch(task, source(), tally, surroundings)
  } finally {
    progress?.end()
  }
  const reason: unknown = interrupted.reason
  if (!task.quiet) {
    if (reason instanceof Interruption) stderr.line(stderr.paint("yellow", `aborted by ${reason.message}`))
    stderr.line(tally.summary(stderr.paint))
  }
  if (reason instanceof Interruption) return reason.exitCode
  return tally.isSuccess && !stdout.abandoned.aborted ? EXIT.success : EXIT.mismatch
}

/** Counts the calls. @throws UsageError for a line that could not be sent, before any is. */
async function check(task: BatchTask, source: Source, signal: AbortSignal): Promise<number> {
  const refusal = refusals(task)
  let count = 0
  for await (const line of linesOf(source())) {
    signal.throwIfAborted()
    const { method, url, options } = parseCallLine(line)
    const refused = await refusal(method, url, options)
    // The client's words for its callers.
    if (refused !== undefined)
      throw new UsageError(`line ${line.number}: ${refused.replace(/set "baseUrl"$/, "give --base-url URL")}`)
    count++
  }
  if (count === 0)
    throw new UsageError(
      `${task.file === "-" ? "standard input" : task.file} holds no calls; give a URL or an object per line`,
    )
  return count
}
