import { refusals } from "../batch/refusals.ts"
import { Tally } from "../batch/tally.ts"
import type { Command } from "../command.ts"
import { EXIT, Interruption } from "../exit-codes.ts"
import { oneLine } from "../paint.ts"
import { Progress } from "../progress/progress.ts"
import { noteCredentials } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import { parseReplay, type ReplayTask } from "./arguments.ts"
import { Differences } from "./differences.ts"
import { printList } from "./list.ts"
import { replayOptions } from "./options.ts"
import { readHar } from "./read-har.ts"
import { recordedCalls } from "./recording.ts"
import { remarksOn } from "./remarks.ts"
import { runReplay } from "./run.ts"
import { selection, type Selection } from "./selection.ts"
import { wholeCalls } from "./whole-calls.ts"

export const replayCommand: Command = {
  name: "replay",
  summary:
    "Makes recorded calls again, by the same rules as call: those of a HAR file, from a browser's developer tools, a proxy or the export of steadfetch watch. How each ended, beside how it was recorded, goes to standard output, in the order of the recording.",
  usage: "FILE.har|- [OPTIONS]",
  options: replayOptions,
  examples: [
    ["what would be sent", "steadfetch replay recording.har --list"],
    [
      "calls of an API, to another server",
      "steadfetch replay recording.har --url 'https://api.example.com/*' --to https://staging.example.com",
    ],
    ["what failed, again", "steadfetch replay recording.har --status failed"],
    ["with a token of your own", "steadfetch replay recording.har --url '/v1/*' --bearer-env TOKEN"],
    ["at twice the recorded pace", "steadfetch replay recording.har --speed 2"],
    ["for a script: what is no longer as it was", "steadfetch replay recording.har --json | jq 'select(.differs)'"],
  ],
  notes: [
    "Only safe methods are sent (GET, HEAD, OPTIONS, TRACE, QUERY), and no recorded credentials: neither header fields such as Authorization, Cookie and X-Api-Key nor query parameters such as access_token. --unsafe and --with-credentials change that. Redirects are not followed: a browser recorded each step.",
    "Line: recorded status → status now, recorded time → time now, attempts, method, URL. ≠ marks another status class; 304 counts as 2xx.",
    "The recording may have 256 MiB and 100000 calls.",
    "Exit codes: 0 each call succeeded, or was redirected or refused (3xx, 4xx) as it was recorded, 1 some were not, 2 bad usage or a recording that cannot be read, 130 interrupted.",
  ],
  run: replay,
}

async function replay(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, interrupted } = surroundings
  const task = parseReplay(args, surroundings.env)
  noteCredentials(task, stderr)
  if (!task.quiet) stderr.live("reads the recording")
  const har = await readHar(task.file, surroundings).finally(() => stderr.live(""))
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
