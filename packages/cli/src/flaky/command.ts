import type { Command } from "../command.ts"
import { parseFlaky } from "./arguments.ts"
import { flakyOptions } from "./options.ts"

const SCRIPT_EXAMPLE = `  { "GET /users": [
      { "kind": "reply", "status": 503, "headers": { "retry-after": "1" } },
      { "kind": "drop", "at": "before-headers", "by": "reset" },
      { "kind": "reply", "status": 200, "body": { "json": [] } }
  ] }`

export const flakyCommand: Command = {
  name: "flaky",
  summary: "Starts a server that fails on purpose, prints its URL and a line for every request, and ends with Ctrl-C.",
  usage: "[OPTIONS]",
  options: flakyOptions,
  examples: [
    ["503 twice, then 200", "steadfetch flaky --status 503 --times 2 --retry-after 1 --port 8080"],
    ["a fifth of the requests fails", "steadfetch flaky --fail-share 0.2"],
    ["anything else: resets, stalls, broken bodies", "steadfetch flaky --script trouble.json"],
  ],
  notes: [
    "A script maps routes to steps, one per request, the last one repeated:",
    SCRIPT_EXAMPLE,
    "The README of @steadfetch/cli lists what a step can be.",
  ],
  parse: parseFlaky,
  run: async (args, surroundings) => (await import("./flaky.ts")).flaky(parseFlaky(args), surroundings),
}
