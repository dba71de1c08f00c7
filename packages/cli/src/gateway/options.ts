import type { Options } from "../command.ts"
import { requestOptions } from "../request-options.ts"

export const gatewayOptions = {
  upstream: { type: "string", value: "URL", help: "the server that all requests are handed on to" },
  config: {
    type: "string",
    short: "c",
    value: "FILE",
    help: "reads everything from a YAML or JSON file; instead of the options that describe one upstream",
  },
  port: { type: "string", short: "p", value: "NUMBER", help: "where it listens; default 8480, 0 for one that is free" },
  host: {
    type: "string",
    value: "ADDRESS",
    help: "the address it listens on; default 127.0.0.1, this machine alone; another needs --token-env",
  },
  "admin-port": {
    type: "string",
    value: "NUMBER",
    help: "where /-/health, /-/ready, /-/metrics and /-/watch are; default 8481, none for nowhere",
  },
  "bearer-env": {
    type: "string",
    value: "NAME",
    help: "sends the upstream the token in the environment variable NAME; unless the caller sends one",
  },
  "token-env": {
    type: "string",
    value: "NAME",
    help: "lets in callers that send the token in the environment variable NAME; in Steadfetch-Token",
  },
  "allow-host": {
    type: "string",
    multiple: true,
    value: "NAME",
    help: "a further name that callers may use for the gateway; repeatable",
  },
  "allow-origin": {
    type: "string",
    multiple: true,
    value: "ORIGIN",
    help: "an origin whose web pages may use the gateway; repeatable",
  },
  deadline: {
    type: "string",
    value: "DURATION",
    help: "for each call until its reply, waits included; default 60s, none for no limit",
  },
  timeout: {
    type: "string",
    value: "DURATION",
    help: "for each attempt until its reply; default 20s, none for no limit",
  },
  attempts: { type: "string", value: "NUMBER", help: "the most attempts of a call; default 10" },
  contract: requestOptions.contract,
  "no-idempotency-key": { type: "boolean", help: "gives POST and PATCH no key of its own" },
  outbox: {
    type: "string",
    value: "FILE",
    help: "writes requests with Prefer: respond-async down in FILE, and makes them until they are settled",
  },
  check: { type: "boolean", help: "says whether the configuration is sound, and starts nothing" },
  quiet: { type: "boolean", short: "q", help: "logs no requests" },
  help: { type: "boolean", short: "h", help: "this help" },
} as const satisfies Options

/** The options that describe an upstream or an entry; a file has them itself. */
export const DESCRIBING = [
  "upstream",
  "port",
  "host",
  "admin-port",
  "bearer-env",
  "token-env",
  "allow-host",
  "allow-origin",
  "deadline",
  "timeout",
  "attempts",
  "contract",
  "no-idempotency-key",
  "outbox",
  "quiet",
] as const
