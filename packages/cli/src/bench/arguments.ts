import { hasBody } from "../call/body.ts"
import { parseTarget } from "../call/request.ts"
import { readArguments } from "../command.ts"
import { parseDuration, parseLimit } from "../duration.ts"
import { parseCount } from "../numbers.ts"
import { parseChoice } from "../parse.ts"
import { parseRequest } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import type { LoadPlan } from "./load.ts"
import { benchOptions } from "./options.ts"
import { checkPermission } from "./permission.ts"
import { parseRate } from "./rate.ts"

/** Beyond it one process measures itself. */
const MOST_AT_A_TIME = 1000

export type BenchTask = ReturnType<typeof parseBench>

/** The checked arguments of `steadfetch bench`. @throws UsageError naming the option and the fix. */
export function parseBench(args: readonly string[], env: Surroundings["env"]) {
  const { values, positionals } = readArguments("bench", benchOptions, args)
  const { method, url } = parseTarget("bench", positionals, hasBody(values))
  checkPermission(url, values["yes-this-is-my-server"] ?? false)
  const isBare = values["no-retry"] ?? false
  const retrying = (["attempts", "retries"] as const).find((name) => values[name] !== undefined)
  if (isBare && retrying !== undefined)
    throw new UsageError(`--no-retry sends each call once, and --${retrying} says otherwise; give one`)
  const perSecond = values.rate === undefined ? undefined : parseRate("--rate", values.rate)
  return {
    method,
    url,
    ...parseRequest(values, env),
    bodyOptions: values,
    sendsKey: values["no-idempotency-key"] !== true,
    isBare,
    plan: {
      concurrency: parseConcurrency(values.concurrency ?? (perSecond === undefined ? "10" : "100")),
      perSecond,
      ...parseExtent(values.duration, values.requests),
    } satisfies LoadPlan,
    warmUpMs: parseWarmUp(values["warm-up"] ?? (values.requests === undefined ? "1s" : "none")),
    output: parseChoice("--output", values.output ?? "text", benchOptions.output.choices),
  }
}

function parseWarmUp(text: string): number {
  return /^0(s|ms)?$/.test(text) ? 0 : parseLimit("--warm-up", text) || 0
}

function parseConcurrency(text: string): number {
  const concurrency = parseCount("--concurrency", text, 1)
  if (concurrency <= MOST_AT_A_TIME) return concurrency
  throw new UsageError(
    `--concurrency is ${concurrency}, with which this process would measure itself; give at most ${MOST_AT_A_TIME}, and run it on several machines for more`,
  )
}

function parseExtent(duration: string | undefined, requests: string | undefined) {
  if (duration !== undefined && requests !== undefined)
    throw new UsageError("--duration and --requests both say when to end; give one")
  return {
    durationMs: requests === undefined ? parseDuration("--duration", duration ?? "10s") : undefined,
    calls: requests === undefined ? undefined : parseCount("--requests", requests, 1),
  }
}
