import type { Options } from "../command.ts"
import { closingOptions, requestOptions } from "../request-options.ts"

export const replayOptions = {
  list: { type: "boolean", help: "prints what would be sent, and sends nothing" },
  method: { type: "string", multiple: true, value: "METHOD", help: "only calls with this method; repeatable" },
  url: {
    type: "string",
    multiple: true,
    value: "PATTERN",
    help: "only calls whose recorded URL matches; * stands for anything: '/api/*' on any origin, 'https://api.example.com/*'; repeatable",
  },
  status: {
    type: "string",
    multiple: true,
    value: "STATUS",
    help: "only calls that ended like this when they were recorded: 404, 5xx, none (no reply), or failed (4xx, 5xx or none); repeatable",
  },
  unsafe: {
    type: "boolean",
    help: "also sends methods that can change something: POST, PUT, PATCH, DELETE and others",
  },
  to: { type: "string", value: "ORIGIN", help: "sends the calls to this origin instead of the recorded one" },
  "with-credentials": {
    type: "boolean",
    help: "sends the recorded credentials (Authorization, Cookie and their like) to where they were recorded",
  },
  concurrency: {
    type: "string",
    value: "NUMBER",
    help: "the most calls at a time; default 6, and 100 with --as-recorded",
  },
  "as-recorded": {
    type: "boolean",
    help: "begins the calls at the recorded intervals instead of as soon as there is room",
  },
  speed: { type: "string", value: "FACTOR", help: "as recorded, but this many times as fast: 2, 0.5" },
  json: { type: "boolean", help: "prints an object per call instead of a line for people" },
  ...requestOptions,
  "bearer-env": {
    ...requestOptions["bearer-env"],
    help: "sends the token in the environment variable NAME, in place of recorded credentials; the calls must have one origin",
  },
  deadline: { type: "string", value: "DURATION", help: "for each call, waits included; default 60s" },
  ...closingOptions,
} as const satisfies Options
