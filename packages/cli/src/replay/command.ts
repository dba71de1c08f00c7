import type { Command } from "../command.ts"
import { parseReplay } from "./arguments.ts"
import { replayOptions } from "./options.ts"

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
      "steadfetch replay recording.har --url 'https://api.example.com/*' \\\n  --to https://staging.example.com",
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
  parse: parseReplay,
  run: async (args, surroundings) =>
    (await import("./replay.ts")).replay(parseReplay(args, surroundings.env), surroundings),
}
