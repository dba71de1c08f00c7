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
    help: "any other body; - is standard input, kept in memory so that it can be sent again",
  },
  form: {
    type: "string",
    multiple: true,
    value: "NAME=VALUE|@FILE",
    help: "a form field; with a file (name=@photo.png) the form is multipart/form-data; repeatable",
  },
  "bearer-env": requestOptions["bearer-env"],
  deadline: {
    type: "string",
    value: "DURATION",
    help: "for the whole call, waits included: 30s, 2m, none; default 60s",
  },
  timeout: requestOptions.timeout,
  attempts: requestOptions.attempts,
  retries: requestOptions.retries,
  contract: requestOptions.contract,
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
