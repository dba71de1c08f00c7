import { callOptions } from "../call/options.ts"
import type { Options } from "../command.ts"
import { closingOptions, requestOptions } from "../request-options.ts"

/** All that the verbs take; which takes what stands in `VERBS`. */
export const outboxOptions = {
  store: {
    type: "string",
    value: "FILE|URL",
    help: "the outbox: a SQLite file, or postgres://…, redis://… or unix:///run/redis.sock; else the variable STEADFETCH_OUTBOX",
  },
  "store-env": {
    type: "string",
    value: "NAME",
    help: "takes it from the environment variable NAME; every process could read a password among the arguments",
  },
  "key-env": {
    type: "string",
    value: "NAME",
    help: "decrypts with the 32 bytes, in base64 or hex, in the environment variable NAME",
  },
  "base-url": {
    type: "string",
    value: "URL",
    help: "what the URLs of entries are relative to; run needs it for those that are",
  },
  state: {
    type: "string",
    multiple: true,
    choices: ["waiting", "sending", "delivered", "rejected", "expired", "discarded"],
    help: "only entries in this state; default all, repeatable. retry takes waiting and expired",
  },
  status: {
    type: "string",
    multiple: true,
    value: "STATUS",
    help: "retry: the entries rejected with it, 401, 403 or 407; repeatable",
  },
  origin: { type: "string", value: "ORIGIN", help: "only entries for this origin: https://api.example.com" },
  "ordering-key": { type: "string", value: "KEY", help: "list: only entries with it; add: gives it one" },
  limit: { type: "string", value: "NUMBER", help: "the most entries of a list; default 50" },
  after: { type: "string", value: "ID", help: "the list goes on behind this entry" },
  output: {
    type: "string",
    choices: ["text", "json", "body"],
    help: "what goes to standard output; default text, json: an object per line, body: the bytes of an entry's body (show)",
  },
  method: { type: "string", value: "METHOD", help: "amend: another method" },
  url: { type: "string", value: "URL", help: "amend: another URL" },
  header: {
    ...requestOptions.header,
    help: "a header field; amend takes one away with 'NAME:'; run sends it with each request; repeatable",
  },
  query: requestOptions.query,
  json: callOptions.json,
  data: { ...callOptions.data, help: "any other body; - is standard input" },
  form: callOptions.form,
  "no-body": { type: "boolean", help: "amend: takes the body away" },
  edit: { type: "boolean", help: "amend: opens the body in the editor that VISUAL or EDITOR names" },
  priority: {
    type: "string",
    value: "NUMBER",
    help: "from -100 to 100, the higher first; default 0, below it as in --priority=-5",
  },
  lifetime: {
    type: "string",
    value: "DURATION",
    help: "how long it is tried; default that of the entry, of a new one 72h",
  },
  key: { type: "string", value: "KEY", help: "add: names what is asked for, so that it is not added twice: order-17" },
  yes: { type: "boolean", help: "discard, and retry of more than one: does it" },
  create: { type: "boolean", help: "add and run: makes the SQLite file when it is missing" },
  "bearer-env": {
    ...requestOptions["bearer-env"],
    help: "run: sends the token in the environment variable NAME; to the origin of --base-url only",
  },
  concurrency: { type: "string", value: "NUMBER", help: "run: the most deliveries at a time; default 32" },
  "per-origin": { type: "string", value: "NUMBER", help: "run: the most of them to one origin; default 8" },
  "per-second": {
    type: "string",
    value: "NUMBER",
    help: "run: the most deliveries per second to one origin; default any",
  },
  grace: {
    type: "string",
    value: "DURATION",
    help: "run: how long Ctrl-C waits for what is under way; default 30s",
  },
  timeout: {
    ...requestOptions.timeout,
    help: "run: for each delivery until its header, and for each silence in its body; default 20s",
  },
  contract: requestOptions.contract,
  ...closingOptions,
} as const satisfies Options
