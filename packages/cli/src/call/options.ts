import type { Options } from "../command.ts"

export const callOptions = {
  header: { type: "string", short: "H", multiple: true, value: "'NAME: VALUE'", help: "a header field; repeatable" },
  query: { type: "string", multiple: true, value: "NAME=VALUE", help: "a query parameter, encoded; repeatable" },
  json: { type: "string", value: "TEXT|@FILE|-", help: "a JSON body, checked and sent byte for byte" },
  data: {
    type: "string",
    short: "d",
    value: "TEXT|@FILE|-",
    help: "any other body; - is standard input, kept in memory so that it can be sent again",
  },
  form: {
    type: "string",
    multiple: true,
    value: "NAME=VALUE|@FILE",
    help: "a form field; with a file (name=@photo.png) the form is multipart/form-data; repeatable",
  },
  "bearer-env": {
    type: "string",
    value: "NAME",
    help: "sends the token in the environment variable NAME, to the URL's origin only; a token among the arguments could be read by every process",
  },
  deadline: {
    type: "string",
    value: "DURATION",
    help: "for the whole call, waits included: 30s, 2m, none; default 60s",
  },
  timeout: {
    type: "string",
    value: "DURATION",
    help: "for each attempt, until its headers arrive, and for each silence in its body; default 20s",
  },
  attempts: { type: "string", value: "NUMBER", help: "the most attempts, the first included; default 10" },
  retries: { type: "string", value: "NUMBER", help: "the same, the first not included; 0 sends once" },
  contract: {
    type: "string",
    value: "NAME",
    help: "what each status means: documented (default), strict (4xx never again), rfc9110",
  },
  "idempotency-key": {
    type: "string",
    value: "KEY",
    help: "the Idempotency-Key; POST and PATCH get one of their own without it",
  },
  "no-idempotency-key": { type: "boolean", help: "sends none; POST and PATCH are then retried only when that is safe" },
  output: {
    type: "string",
    value: "FORM",
    help: "text (default): the body, on a terminal without what would garble it; body: the bytes, also on a terminal; json: one object with outcome, status, headers, body, attempts and error",
  },
  stream: {
    type: "boolean",
    help: "writes the body as it comes, however small; a body that breaks off is then not fetched again",
  },
  include: { type: "boolean", short: "i", help: "shows the reply's header fields, on standard error" },
  quiet: { type: "boolean", short: "q", help: "tells no story; an error still gets one line" },
  help: { type: "boolean", short: "h", help: "this help" },
} as const satisfies Options
