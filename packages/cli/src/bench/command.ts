import type { Command } from "../command.ts"
import { EXIT, Interruption } from "../exit-codes.ts"
import { noteCredentials } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { parseBench } from "./arguments.ts"
import { benchOptions } from "./options.ts"
import { reportText } from "./report-text.ts"
import type { Report } from "./report.ts"
import { runBench } from "./run.ts"
import { sentParts } from "./sent-parts.ts"

export const benchCommand: Command = {
  name: "bench",
  summary:
    "Loads a server of yours with calls by the same rules as call, and reports rates, latencies and how the calls ended: accepted at once or after a retry, to be corrected, given up.",
  usage: "[METHOD] URL [OPTIONS]",
  options: benchOptions,
  examples: [
    ["ten at a time, for ten seconds", "steadfetch bench http://localhost:3000/orders"],
    [
      "what 200 calls per second do, however slow the replies are",
      "steadfetch bench http://localhost:3000/orders --rate 200/s --duration 1m",
    ],
    ["a thousand orders", `steadfetch bench POST http://localhost:3000/orders --json '{"item":7}' --requests 1000`],
    ["without retries", "steadfetch bench http://localhost:3000/orders --no-retry"],
    [
      "a server of yours elsewhere, for a script",
      "steadfetch bench https://staging.example.com/health --yes-this-is-my-server --output json | jq .latencyMs.calls.p99",
    ],
  ],
  notes: [
    "Without a word from you it loads this machine alone (localhost, 127.0.0.0/8, ::1). A 429 or 503 with Retry-After pauses all of it for as long as it says, unless --no-retry is given. Redirects are not followed.",
    "Ctrl-C ends it early, with the report of what there is. The report goes to standard output.",
    "Exit codes: 0 each call was accepted, 1 some were not, 2 bad usage, 130 interrupted.",
  ],
  run: bench,
}

async function bench(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, interrupted } = surroundings
  const task = parseBench(args, surroundings.env)
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
