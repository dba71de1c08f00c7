import type { Options } from "../command.ts"

export const flakyOptions = {
  script: {
    type: "string",
    value: "FILE",
    help: "plays the script in a JSON file; instead of the options that make one",
  },
  status: { type: "string", value: "CODE", help: "the status of the failing replies; 400 to 599, default 503" },
  times: {
    type: "string",
    value: "NUMBER",
    help: "how many requests fail before they succeed; default all of them",
  },
  then: { type: "string", value: "CODE", help: "the status of the others; default 200" },
  repeat: { type: "boolean", help: "fails as many again after each success" },
  "fail-share": {
    type: "string",
    value: "SHARE",
    help: "fails this share of the requests instead; from 0 to 1, in no order, default none",
  },
  seed: { type: "string", value: "NUMBER", help: "which requests of that share those are; default 1" },
  "retry-after": { type: "string", value: "SECONDS", help: "the Retry-After of the failing replies; default none" },
  delay: { type: "string", value: "DURATION", help: "how long every reply takes; default 0ms" },
  body: { type: "string", value: "TEXT", help: "the body of the successful replies; JSON is sent as JSON" },
  port: { type: "string", value: "NUMBER", help: "where it listens; default one that is free" },
  host: { type: "string", value: "ADDRESS", help: "the address it listens on; default 127.0.0.1, this machine alone" },
  help: { type: "boolean", short: "h", help: "this help" },
} as const satisfies Options

/** The options that make a script; with a file they would have no effect. */
export const SCRIPT_MAKING = [
  "status",
  "times",
  "then",
  "repeat",
  "fail-share",
  "seed",
  "retry-after",
  "delay",
  "body",
] as const
