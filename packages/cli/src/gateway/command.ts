import type { Command } from "../command.ts"
import { parseGateway } from "./arguments.ts"
import { gatewayOptions } from "./options.ts"

const FILE_EXAMPLE = `  upstreams:
    orders: { prefix: /orders, url: "https://orders.example.com/v1" }
    search:
      prefix: /search
      url: "https://search.example.com"
      auth: { bearer: { env: SEARCH_TOKEN } }
      retry: { attempts: 4 }`

export const gatewayCommand: Command = {
  name: "gateway",
  summary:
    "Hands requests on to an API, with retries, limits and credentials, so that a program in any language makes its calls as steadfetch does.",
  usage: "--upstream URL [OPTIONS]  or  gateway --config FILE",
  options: gatewayOptions,
  examples: [
    ["calls to http://localhost:8480 go to the API", "steadfetch gateway --upstream https://api.example.com"],
    ["from any program", "curl -i http://localhost:8480/users/7"],
    [
      "with a token that only the gateway knows",
      "steadfetch gateway --upstream https://api.example.com --bearer-env TOKEN",
    ],
    [
      "calls that must happen are written down first",
      "steadfetch gateway --upstream https://api.example.com --outbox outbox.db",
    ],
    ["several APIs, from a file", "steadfetch gateway --config gateway.yaml"],
    ["is the file sound?", "steadfetch gateway --config gateway.yaml --check"],
  ],
  notes: [
    "A file names the upstreams, by a prefix of the path or by the name in Host:",
    FILE_EXAMPLE,
    "SIGHUP reads the file anew, and an unsound one changes nothing. SIGTERM and Ctrl-C take no more requests, and end when those under way have ended.",
    "With --outbox a request that has Prefer: respond-async is answered 202 once it is on the disk; Location tells what has become of it.",
    "Each request is a line of JSON on standard output. The header fields Steadfetch-Attempts, -Verdict, -Story and -Retry-At of a reply say how it came about.",
  ],
  parse: parseGateway,
  run: async (args, surroundings) => (await import("./gateway.ts")).gateway(parseGateway(args), surroundings),
}
