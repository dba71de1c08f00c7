import type { Options } from "../command.ts"

export const flakyOptions = {
  script: { type: "string", value: "FILE", help: "plays the script in a JSON file instead of the options below" },
  status: { type: "string", value: "CODE", help: "what the failing replies say, 400 to 599; default 503" },
  times: {
    type: "string",
    value: "NUMBER",
    help: "how many requests fail before they succeed; all of them without it",
  },
  then: { type: "string", value: "CODE", help: "what the others say; default 200" },
  repeat: { type: "boolean", help: "fails as many again after each success" },
  "fail-share": {
    type: "string",
    value: "SHARE",
    help: "fails this share of the requests instead, from 0 to 1, in no order",
  },
  seed: { type: "string", value: "NUMBER", help: "which requests of that share those are; default 1" },
  "retry-after": { type: "string", value: "SECONDS", help: "the failing replies' Retry-After" },
  delay: { type: "string", value: "DURATION", help: "how long every reply takes" },
  body: { type: "string", value: "TEXT", help: "what the successful replies carry; JSON is sent as JSON" },
  port: { type: "string", value: "NUMBER", help: "default: one that is free" },
  host: { type: "string", value: "ADDRESS", help: "the address to listen on; default 127.0.0.1, this machine alone" },
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
