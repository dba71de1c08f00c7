import { readArguments } from "../command.ts"
import { parseCount } from "../numbers.ts"
import { UsageError } from "../usage-error.ts"
import { flakyOptions, SCRIPT_MAKING } from "./options.ts"
import { scriptFromOptions } from "./script.ts"

export type FlakyTask = ReturnType<typeof parseFlaky>

/** The checked arguments of `steadfetch flaky`; the script, or its path. @throws UsageError naming the option and the fix. */
export function parseFlaky(args: readonly string[]) {
  const { values, positionals } = readArguments("flaky", flakyOptions, args)
  if (positionals.length > 0) {
    throw new UsageError(`flaky takes no ${JSON.stringify(positionals[0])}; a script is given with --script FILE`)
  }
  const extra = SCRIPT_MAKING.find((name) => values[name] !== undefined)
  if (values.script !== undefined && extra !== undefined)
    throw new UsageError(`--${extra} has no effect with --script; put it into the script`)
  return {
    script: values.script ?? scriptFromOptions(values),
    host: values.host ?? "127.0.0.1",
    port: parseCount("--port", values.port ?? "0", 0, 65_535),
  }
}
