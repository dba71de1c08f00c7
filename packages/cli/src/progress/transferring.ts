import type { Listeners, Signal } from "steadfetch"
import { EXIT, exitCodeOf, Interruption, isExpected } from "../exit-codes.ts"
import { harmless, oneLine } from "../paint.ts"
import { noteCredentials, type RequestSettings } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { Progress } from "./progress.ts"
import { Transfer, type Progressed } from "./transfer.ts"

/** What a transfer is given while it runs. */
interface Handed {
  readonly on: Listeners
  readonly note: (progress: Progressed) => void
  readonly signal: Signal
}

/** A download or an upload, as its command sees it. */
interface TransferTask {
  /** Where from and where to, as it may be shown. */
  readonly from: string
  readonly to: string
  /** Whether a request, after the first one, goes on with it. */
  readonly isResumption: (method: string) => boolean
  /** What it gives goes to standard output, the remark to the end of the story. */
  run(handed: Handed): Promise<{ readonly result: string; readonly remark: string }>
  /** How to go on after it ended early, if that can be done. */
  advice(): Promise<string | undefined>
  /** The library's message in the words of the command, where those are others. */
  worded?(message: string): string
}

/** Runs a transfer, shows how far it has come, and tells how it ended. Resolves to the exit code. */
export async function transferring(
  settings: RequestSettings,
  { stdout, stderr, clock, interrupted }: Surroundings,
  task: TransferTask,
): Promise<number> {
  const { quiet } = settings
  const { paint } = stderr
  noteCredentials(settings, stderr)
  const transfer = new Transfer(clock, task.isResumption)
  if (!quiet) stderr.line(paint("bold", `${task.from} → ${task.to}`))
  const progress = quiet ? undefined : new Progress(stderr, clock, (columns) => transfer.line(columns, paint))
  try {
    const { result, remark } = await task.run({
      on: transfer.listeners,
      note: (progress) => transfer.note(progress),
      signal: interrupted,
    })
    progress?.end()
    if (!quiet)
      stderr.line(
        `${paint("green", "complete")}${paint("dim", `: ${[transfer.summary, remark].filter(Boolean).join(", ")}`)}`,
      )
    stdout.line(stdout.isTerminal ? oneLine(result) : result)
    return EXIT.success
  } catch (error) {
    progress?.end()
    const reason: unknown = interrupted.reason
    const end = reason instanceof Interruption ? reason : error
    if (!isExpected(end) && !(end instanceof Interruption)) throw error
    if (end instanceof Interruption) stderr.line(paint("yellow", `aborted by ${end.message} after ${transfer.elapsed}`))
    else stderr.line(harmless(task.worded?.(end.message) ?? end.message))
    const advice = await task.advice()
    if (advice !== undefined) stderr.line(paint("dim", advice))
    return end instanceof Interruption ? end.exitCode : exitCodeOf(end)
  } finally {
    progress?.end()
  }
}
