import type { Command } from "../command.ts"
import { EXIT, Interruption } from "../exit-codes.ts"
import { Progress } from "../progress/progress.ts"
import { noteCredentials } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import { parseBatch, type BatchTask } from "./arguments.ts"
import { parseCallLine } from "./call-line.ts"
import { linesOf } from "./lines.ts"
import { batchOptions } from "./options.ts"
import { refusals } from "./refusals.ts"
import { runBatch } from "./run.ts"
import { sourceOf, type Source } from "./source.ts"
import { Tally } from "./tally.ts"

export const batchCommand: Command = {
  name: "batch",
  summary:
    "Makes many calls, a few at a time, each by the same rules as call. How each ended goes to standard output, one JSON object per line, in the order of the calls.",
  usage: "FILE|- [OPTIONS]",
  options: batchOptions,
  examples: [
    ["URLs, one per line", "steadfetch batch urls.txt > results.jsonl"],
    [
      "orders to place, as JSON lines",
      "steadfetch batch orders.jsonl --base-url https://api.example.com --bearer-env TOKEN",
    ],
    ["what to send again", `jq -r 'select(.verdict == "retry") | .line' results.jsonl`],
    [
      "from a pipe, stopping at the first mistake",
      "jq -c … | steadfetch batch - --base-url https://api.example.com --stop-on client-error",
    ],
  ],
  notes: [
    `A line is a URL, or an object: {"method": "POST", "url": "/orders", "json": {"item": 7}, "headers": {"x-tenant": "a"}, "query": {"dry": true}, "idempotencyKey": "order-7"}; "body" or "form" in place of "json". Lines that are wrong are told before anything is sent.`,
    "A file may be of any size; standard input is kept in memory, up to 256 MiB.",
    "Exit codes: 0 each call succeeded, 1 some did not, 2 bad usage or a line that is wrong, 130 interrupted; the results tell what was sent.",
  ],
  run: batch,
}

async function batch(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, clock, interrupted } = surroundings
  const task = parseBatch(args, surroundings.env)
  noteCredentials(task, stderr)
  const source = await sourceOf(task.file, surroundings)
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
