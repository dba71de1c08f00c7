import type { Options } from "../command.ts"

export const generateOptions = {
  output: {
    type: "string",
    short: "o",
    value: "FILE",
    help: "the file to write; api.ts has types and what types cannot hold, api.d.ts types alone",
  },
  check: {
    type: "boolean",
    help: "writes nothing, and exits with 1 when the file is out of date; for CI",
  },
  quiet: { type: "boolean", short: "q", help: "tells nothing but errors" },
  help: { type: "boolean", short: "h", help: "this help" },
} as const satisfies Options
