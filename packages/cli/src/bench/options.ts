import { callOptions } from "../call/options.ts"
import type { Options } from "../command.ts"
import { closingOptions, requestOptions } from "../request-options.ts"

export const benchOptions = {
  duration: { type: "string", value: "DURATION", help: "how long calls begin, warm-up not included; default 10s" },
  requests: { type: "string", value: "NUMBER", help: "how many calls instead; default as many as fit" },
  concurrency: {
    type: "string",
    value: "NUMBER",
    help: "the most calls at a time, up to 1000; default 10, with --rate 100",
  },
  rate: {
    type: "string",
    value: "NUMBER/s",
    help: "begins calls by this schedule (100/s, 30/m) and counts their latency from when they were due; without it the next call begins when one has ended",
  },
  "warm-up": {
    type: "string",
    value: "DURATION",
    help: "the same load before, not counted, or none; default 1s, with --requests none",
  },
  "no-retry": { type: "boolean", help: "measures the bare server: each call once, and no pause when it asks for one" },
  "yes-this-is-my-server": {
    type: "boolean",
    help: "says that the server is yours, or that its owner agreed; needed for all but this machine",
  },
  header: requestOptions.header,
  query: requestOptions.query,
  json: callOptions.json,
  data: callOptions.data,
  form: callOptions.form,
  "bearer-env": requestOptions["bearer-env"],
  deadline: { type: "string", value: "DURATION", help: "for each call, waits included; default 60s" },
  timeout: requestOptions.timeout,
  attempts: requestOptions.attempts,
  retries: requestOptions.retries,
  contract: requestOptions.contract,
  "no-idempotency-key": callOptions["no-idempotency-key"],
  output: { type: "string", choices: ["text", "json"], help: "the form of the report; default text" },
  ...closingOptions,
} as const satisfies Options
