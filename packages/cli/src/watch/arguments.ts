import { readArguments, type Options } from "../command.ts"
import { parseCount } from "../numbers.ts"
import { UsageError } from "../usage-error.ts"

export const watchOptions = {
  port: {
    type: "string",
    short: "p",
    value: "NUMBER",
    help: "the port of the page; default 8482, 0 for one that is free",
  },
  directory: {
    type: "string",
    value: "PATH",
    help: "where the programs are found; default where watch(api) puts them",
  },
  help: { type: "boolean", short: "h", help: "this help" },
} as const satisfies Options

export type WatchTask = ReturnType<typeof parseWatch>

/** The checked arguments of `steadfetch watch`. @throws UsageError naming the option and the fix. */
export function parseWatch(args: readonly string[]) {
  const { values, positionals } = readArguments("watch", watchOptions, args)
  if (positionals.length > 0) {
    throw new UsageError(`watch takes no ${JSON.stringify(positionals[0])}; it finds the programs itself`)
  }
  return { port: parseCount("--port", values.port ?? "8482", 0, 65_535), directory: values.directory }
}
