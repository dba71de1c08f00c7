import { bearer, documented, rfc9110, strict, type Credentials } from "steadfetch"
import { readArguments } from "../command.ts"
import { formatDuration, parseLimit } from "../duration.ts"
import type { Surroundings } from "../surroundings.ts"
import { tokenFrom } from "../token.ts"
import { UsageError } from "../usage-error.ts"
import { hasBody } from "./body.ts"
import { callOptions } from "./options.ts"
import { parseAttempts, parseChoice, parseHeader, parsePair, parseTarget } from "./request.ts"

const CONTRACTS = { documented, strict, rfc9110 } as const
const CONTRACT_NAMES = ["documented", "strict", "rfc9110"] as const

export type CallRequest = ReturnType<typeof parseCall>

/** The checked arguments of `steadfetch call`. @throws UsageError naming the option and the fix. */
export function parseCall(args: readonly string[], env: Surroundings["env"]) {
  const { values, positionals } = readArguments("call", callOptions, args)
  const withBody = hasBody(values)
  if (values["idempotency-key"] !== undefined && values["no-idempotency-key"] === true) {
    throw new UsageError("--idempotency-key and --no-idempotency-key contradict each other; give one")
  }
  const { method, url } = parseTarget(positionals, withBody)
  if (withBody && (method === "GET" || method === "HEAD")) {
    throw new UsageError(`a ${method} request has no body; use another method, or --query NAME=VALUE`)
  }
  const limit = (name: "deadline" | "timeout") => {
    const text = values[name]
    return text === undefined ? undefined : parseLimit(`--${name}`, text)
  }
  const [deadline, timeout] = [limit("deadline"), limit("timeout")]
  if (typeof deadline === "number" && typeof timeout === "number" && timeout > deadline) {
    throw new UsageError(
      `--timeout (${formatDuration(timeout)} for one attempt) is above --deadline (${formatDuration(deadline)} for all); lower it, or raise the deadline`,
    )
  }
  const headers = (values.header ?? []).map(parseHeader)
  return {
    method,
    url,
    headers,
    query: (values.query ?? []).map((text) => parsePair("--query", text)),
    bodyOptions: values,
    /** Whether a credential stands among the arguments. */
    showsCredentials: headers.some(([name]) => name.toLowerCase() === "authorization"),
    auth: credentials(values["bearer-env"], env, headers),
    deadline,
    timeout: timeout === undefined || timeout === false ? timeout : { attemptMs: timeout, stallMs: timeout },
    retry: parseAttempts(values.attempts, values.retries),
    contract: CONTRACTS[parseChoice("--contract", values.contract ?? "documented", CONTRACT_NAMES)],
    idempotencyKey: values["no-idempotency-key"] === true ? (false as const) : values["idempotency-key"],
    output: parseChoice("--output", values.output ?? "text", ["text", "json", "body"] as const),
    stream: values.stream ?? false,
    include: values.include ?? false,
    quiet: values.quiet ?? false,
  }
}

function credentials(
  name: string | undefined,
  env: Surroundings["env"],
  headers: readonly (readonly [string, string])[],
): Credentials | undefined {
  if (name === undefined) return undefined
  if (headers.some(([field]) => field.toLowerCase() === "authorization")) {
    throw new UsageError("--bearer-env and --header Authorization both give credentials; give one")
  }
  return bearer(tokenFrom(env, name))
}
