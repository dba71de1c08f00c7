import type { Options } from "../command.ts"
import { closingOptions, requestOptions } from "../request-options.ts"

export const downloadOptions = {
  digest: {
    type: "string",
    multiple: true,
    value: "ALGORITHM=DIGEST",
    help: "what the bytes must hash to; sha-256 or sha-512, in hexadecimal (as sha256sum prints it) or base64; repeatable",
  },
  overwrite: { type: "boolean", help: "replaces a file that is there" },
  ...requestOptions,
  deadline: { type: "string", value: "DURATION", help: "until all of it must have arrived; default none" },
  ...closingOptions,
} as const satisfies Options
