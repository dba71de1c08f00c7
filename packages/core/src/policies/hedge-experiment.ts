import { failure, type Outcome } from "../outcome.ts"
import { CallRecord } from "../call-record.ts"
import { pause } from "../cancellation.ts"
import type { Exchange } from "../exchange.ts"
import { pipeline, type Policy, type Transport } from "../pipeline.ts"
import { WholeBody } from "../reply-body.ts"
import type { Runtime } from "../runtime.ts"

/** What an experiment with hedges is made of. */
export interface HedgeExperiment {
  /** What is measured, outermost first. */
  readonly policies: readonly Policy[]
  /** A virtual clock's, with a seed. */
  readonly runtime: Runtime
  readonly calls: number
  /** The share of attempts that take ten times as long as they would. */
  readonly stragglers: number
}

/** What came of it. */
export interface HedgeFigures {
  /** Requests per call beyond the first, in per cent. */
  readonly extraLoad: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly failures: number
}

/**
 * One call after another to a server whose latency has nothing to do with its load: lognormal, 5 ms with a standard
 * deviation of 2 ms, and stragglers. The clock has to run while this is awaited.
 */
export async function hedgeExperiment(given: HedgeExperiment): Promise<HedgeFigures> {
  const { policies, runtime, calls, stragglers } = given
  const { clock, random } = runtime
  let sent = 0
  const transport: Transport = {
    isPrompt: true,
    async send({ signal }): Promise<Outcome> {
      sent++
      await pause(clock, latencyMs(random) * (random() < stragglers ? 10 : 1), signal)
      return signal?.aborted === true ? failure("aborted", "given up", signal.reason) : OK
    },
    close: async () => {},
  }
  const handler = pipeline(policies, transport, runtime)
  const latenciesMs: number[] = []
  let failures = 0
  for (let call = 0; call < calls; call++) {
    const startedAt = clock.now()
    const outcome = await handler(exchange(clock.date()))
    latenciesMs.push(clock.now() - startedAt)
    if (outcome.kind === "failure") failures++
  }
  latenciesMs.sort((one, other) => one - other)
  const quantile = (share: number): number => latenciesMs[Math.floor(calls * share)] ?? 0
  return { extraLoad: (100 * (sent - calls)) / calls, p50Ms: quantile(0.5), p99Ms: quantile(0.99), failures }
}

const OK: Outcome = {
  kind: "reply",
  status: 200,
  url: undefined,
  headers: { get: () => null, [Symbol.iterator]: () => [][Symbol.iterator]() },
  body: new WholeBody(new Uint8Array()),
}

/** Lognormal with a mean of 5 and a standard deviation of 2 (Box and Muller, 1958). */
function latencyMs(random: () => number): number {
  const variance = Math.log(1 + 4 / 25)
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Math.exp(Math.log(5) - variance / 2 + Math.sqrt(variance) * normal)
}

function exchange(startedAt: number): Exchange {
  const url = "https://api.test/"
  return {
    request: { method: "GET", url, headers: [], body: null },
    reading: "buffer",
    signal: undefined,
    deadlineAt: Number.POSITIVE_INFINITY,
    maxBodyBytes: Number.POSITIVE_INFINITY,
    keyed: false,
    options: {},
    watch: undefined,
    secrets: [],
    record: new CallRecord("GET", url, startedAt),
  }
}
