import type { Command } from "../command.ts"
import { parseBatch } from "./arguments.ts"
import { batchOptions } from "./options.ts"

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
      "steadfetch batch orders.jsonl --base-url https://api.example.com \\\n  --bearer-env TOKEN > results.jsonl",
    ],
    ["what to send again", `jq -r 'select(.verdict == "retry") | .line' results.jsonl`],
    [
      "from a pipe, and no further after the first mistake",
      "jq -c .[] orders.json | steadfetch batch - --stop-on client-error \\\n  --base-url https://api.example.com",
    ],
  ],
  notes: [
    `A line is a URL, or an object: {"method": "POST", "url": "/orders", "json": {"item": 7}, "headers": {"x-tenant": "a"}, "query": {"dry": true}, "idempotencyKey": "order-7"}; "body" or "form" in place of "json". Lines that are wrong are told before anything is sent.`,
    "A file may be of any size; standard input is kept in memory, up to 256 MiB.",
    "Exit codes: 0 each call succeeded, 1 some did not, 2 bad usage or a line that is wrong, 130 interrupted; the results tell what was sent.",
  ],
  parse: parseBatch,
  run: async (args, surroundings) =>
    (await import("./batch.ts")).batch(parseBatch(args, surroundings.env), surroundings),
}
