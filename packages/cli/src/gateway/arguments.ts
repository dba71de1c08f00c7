import type { Configuration } from "@steadfetch/gateway"
import { readArguments } from "../command.ts"
import { UsageError } from "../usage-error.ts"
import { configurationFrom } from "./configuration.ts"
import { DESCRIBING, gatewayOptions } from "./options.ts"

/** What `steadfetch gateway` is to do, with what a file says or with what the options say. */
export type GatewayTask = { readonly check: boolean } & (
  | { readonly config: string; readonly options?: undefined }
  | { readonly config?: undefined; readonly options: Configuration }
)

/** The checked arguments of `steadfetch gateway`. @throws UsageError naming the option and the fix. */
export function parseGateway(args: readonly string[]): GatewayTask {
  const { values, positionals } = readArguments("gateway", gatewayOptions, args)
  if (positionals.length > 0) {
    throw new UsageError(`gateway takes no ${JSON.stringify(positionals[0])}; the server is given with --upstream URL`)
  }
  const { config, check = false } = values
  if (config === undefined) return { check, options: configurationFrom(values) }
  const extra = DESCRIBING.find((name) => values[name] !== undefined)
  if (extra !== undefined) throw new UsageError(`--${extra} has no effect with --config; put it into the file`)
  return { check, config }
}
