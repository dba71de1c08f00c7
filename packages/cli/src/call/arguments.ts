import { readArguments } from "../command.ts"
import { parseChoice } from "../parse.ts"
import { parseRequest } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import { hasBody } from "./body.ts"
import { callOptions } from "./options.ts"
import { parseTarget } from "./request.ts"

export type CallRequest = ReturnType<typeof parseCall>

/** The checked arguments of `steadfetch call`. @throws UsageError naming the option and the fix. */
export function parseCall(args: readonly string[], env: Surroundings["env"]) {
  const { values, positionals } = readArguments("call", callOptions, args)
  if (values["idempotency-key"] !== undefined && values["no-idempotency-key"] === true) {
    throw new UsageError("--idempotency-key and --no-idempotency-key contradict each other; give one")
  }
  const { method, url } = parseTarget("call", positionals, hasBody(values))
  const request = parseRequest(values, env)
  return {
    method,
    url,
    ...request,
    bodyOptions: values,
    idempotencyKey: values["no-idempotency-key"] === true ? (false as const) : values["idempotency-key"],
    output: parseChoice("--output", values.output ?? "text", callOptions.output.choices),
    stream: values.stream ?? false,
    include: values.include ?? false,
  }
}
