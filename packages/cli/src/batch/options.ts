import type { Options } from "../command.ts"
import { closingOptions, requestOptions } from "../request-options.ts"

export const batchOptions = {
  "base-url": { type: "string", value: "URL", help: "what the URLs of the lines are relative to" },
  concurrency: { type: "string", value: "NUMBER", help: "the most calls at a time; default 6" },
  "stop-on": {
    type: "string",
    multiple: true,
    choices: ["client-error", "server-error", "no-reply"],
    help: "begins no further call after such an outcome; default none, repeatable",
  },
  bodies: { type: "boolean", help: "puts the replies' bodies into the results" },
  ...requestOptions,
  "bearer-env": {
    ...requestOptions["bearer-env"],
    help: "sends the token in the environment variable NAME; to the origin of --base-url only",
  },
  deadline: {
    type: "string",
    value: "DURATION",
    help: "for each call, waits included; default 60s, none for no limit",
  },
  ...closingOptions,
} as const satisfies Options
