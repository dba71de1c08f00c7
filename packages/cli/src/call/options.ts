import type { Options } from "../command.ts"
import { requestOptions } from "../request-options.ts"

export const callOptions = {
  header: requestOptions.header,
  query: requestOptions.query,
  json: { type: "string", value: "TEXT|@FILE|-", help: "a JSON body, checked and sent byte for byte" },
  data: {
    type: "string",
    short: "d",
    value: "TEXT|@FILE|-",
    help: "any other body; - is standard input, which is kept in memory for further attempts",
  },
  form: {
    type: "string",
    multiple: true,
    value: "NAME=VALUE|@FILE",
    help: "a form field; with a file, as in photo=@me.png, the form is multipart/form-data; repeatable",
  },
  "bearer-env": requestOptions["bearer-env"],
  deadline: {
    type: "string",
    value: "DURATION",
    help: "for the whole call, waits included; default 60s, none for no limit",
  },
  timeout: requestOptions.timeout,
  attempts: requestOptions.attempts,
  retries: requestOptions.retries,
  contract: requestOptions.contract,
  "idempotency-key": {
    type: "string",
    value: "KEY",
    help: "the Idempotency-Key; POST and PATCH have one of their own without it",
  },
  "no-idempotency-key": { type: "boolean", help: "sends none; POST and PATCH are then retried only when that is safe" },
  output: {
    type: "string",
    choices: ["text", "json", "body"],
    help: "what goes to standard output; default text: the body, without what would garble a terminal; body: its bytes, also on a terminal; json: an object with outcome, status, headers, body, attempts and error",
  },
  stream: {
    type: "boolean",
    help: "writes the body as it comes, however small; a body that breaks off is then not fetched again",
  },
  include: { type: "boolean", short: "i", help: "shows the reply's header fields, on standard error" },
  quiet: { type: "boolean", short: "q", help: "tells no story; an error still gets one line" },
  help: { type: "boolean", short: "h", help: "this help" },
} as const satisfies Options
