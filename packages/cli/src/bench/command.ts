import type { Command } from "../command.ts"
import { parseBench } from "./arguments.ts"
import { benchOptions } from "./options.ts"

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
    [
      "a thousand orders",
      `steadfetch bench POST http://localhost:3000/orders --json '{"item":7}' \\\n  --requests 1000`,
    ],
    ["without retries", "steadfetch bench http://localhost:3000/orders --no-retry"],
    [
      "a server of yours elsewhere, for a script",
      "steadfetch bench https://staging.example.com/health --output json \\\n  --yes-this-is-my-server | jq .latencyMs.calls.p99",
    ],
  ],
  notes: [
    "Without a word from you it loads this machine alone (localhost, 127.0.0.0/8, ::1). A 429 or 503 with Retry-After pauses all of it for as long as it says, unless --no-retry is given. Redirects are not followed.",
    "Ctrl-C ends it early, with the report of what there is. The report goes to standard output.",
    "Exit codes: 0 each call was accepted, 1 some were not, 2 bad usage, 130 interrupted.",
  ],
  parse: parseBench,
  run: async (args, surroundings) =>
    (await import("./bench.ts")).bench(parseBench(args, surroundings.env), surroundings),
}
