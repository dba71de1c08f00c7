import { EXIT, Interruption } from "../exit-codes.ts"
import { noteCredentials } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import type { BenchTask } from "./arguments.ts"
import { reportText } from "./report-text.ts"
import type { Report } from "./report.ts"
import { runBench } from "./run.ts"
import { sentParts } from "./sent-parts.ts"

/** Loads the server, and reports. Resolves to the exit code. */
export async function bench(task: BenchTask, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, interrupted } = surroundings
  noteCredentials(task, stderr)
  const parts = await sentParts(task, surroundings)
  const measured = await runBench(task, parts, surroundings)
  const reason: unknown = interrupted.reason
  if (reason instanceof Interruption && !task.quiet)
    stderr.line(stderr.paint("yellow", `ended early by ${reason.message}`))
  stdout.text(
    task.output === "json" ? `${JSON.stringify(measured, undefined, 2)}\n` : reportText(measured, stdout.paint),
  )
  if (reason instanceof Interruption) return reason.exitCode
  return isSuccess(measured) ? EXIT.success : EXIT.mismatch
}

function isSuccess({ load, calls, accepted, schedule }: Report): boolean {
  const wanted = load.requests ?? calls.count + (schedule?.missed ?? 0)
  return wanted > 0 && accepted.atOnce + accepted.afterRetry === wanted
}
