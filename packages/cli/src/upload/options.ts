import type { Options } from "../command.ts"
import { closingOptions, requestOptions } from "../request-options.ts"

export const uploadOptions = {
  metadata: {
    type: "string",
    multiple: true,
    value: "NAME=VALUE",
    help: "what the server is told of the file; its filename as well, unless you give one; repeatable",
  },
  "chunk-bytes": {
    type: "string",
    value: "NUMBER",
    help: "the most bytes of one request, where the server has a limit; default all in one",
  },
  "resume-file": {
    type: "string",
    value: "FILE",
    help: "where the upload's URL is kept until it is complete; default FILE.upload.json",
  },
  "no-resume": { type: "boolean", help: "keeps no URL: an upload that was cut off is begun anew" },
  ...requestOptions,
  timeout: {
    type: "string",
    value: "DURATION",
    help: "how long the connection may take nothing; default 60s, none for no limit",
  },
  attempts: { type: "string", value: "NUMBER", help: "the most tries in a row that bring no byte further; default 10" },
  deadline: { type: "string", value: "DURATION", help: "until all of it must have arrived; default none" },
  ...closingOptions,
} as const satisfies Options
