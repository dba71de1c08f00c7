import { readArguments } from "../command.ts"
import { parseCount } from "../numbers.ts"
import { parseChoice } from "../parse.ts"
import { parseRequest } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { checkedUrl } from "../target-url.ts"
import { UsageError } from "../usage-error.ts"
import { batchOptions } from "./options.ts"

export type BatchTask = ReturnType<typeof parseBatch>

/** The checked arguments of `steadfetch batch`. @throws UsageError naming the option and the fix. */
export function parseBatch(args: readonly string[], env: Surroundings["env"]) {
  const { values, positionals } = readArguments("batch", batchOptions, args)
  const [file, ...more] = positionals
  if (file === undefined)
    throw new UsageError("the file of calls is missing; write steadfetch batch FILE, or - for standard input")
  if (more.length > 0)
    throw new UsageError(`${JSON.stringify(more[0])} is one file too many; write steadfetch batch FILE`)
  const baseUrl = values["base-url"]
  if (baseUrl === undefined && values["bearer-env"] !== undefined)
    throw new UsageError("--bearer-env needs --base-url, whose origin the token is for")
  const request = parseRequest(values, env)
  return {
    file,
    baseUrl: baseUrl === undefined ? undefined : checkedUrl(baseUrl),
    concurrency: parseCount("--concurrency", values.concurrency ?? "6", 1, 10_000),
    stopOn: (values["stop-on"] ?? []).map((text) => parseChoice("--stop-on", text, batchOptions["stop-on"].choices)),
    bodies: values.bodies ?? false,
    ...request,
  }
}
