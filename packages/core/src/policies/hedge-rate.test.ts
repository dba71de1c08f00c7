import { testExchange, testRuntime, virtualClock } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import { pause } from "../cancellation.ts"
import {
  failure,
  lowLatency,
  pipeline,
  type LowLatencyOptions,
  type Outcome,
  type Policy,
  type Runtime,
  type Transport,
} from "../index.ts"
import { WholeBody } from "../reply-body.ts"

/** What an experiment with hedges is made of. */
interface HedgeExperiment {
  /** What is measured, outermost first. */
  readonly policies: readonly Policy[]
  /** A virtual clock's, with a seed. */
  readonly runtime: Runtime
  readonly calls: number
  /** The share of attempts that take ten times as long as they would. */
  readonly stragglers: number
}

/** What came of it. */
interface HedgeFigures {
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
async function hedgeExperiment(given: HedgeExperiment): Promise<HedgeFigures> {
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
    const outcome = await handler(testExchange("https://api.test/"))
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

function measured(
  stragglers: number,
  calls: number,
  hedge: LowLatencyOptions["hedge"] = {},
  seed = 1,
): Promise<HedgeFigures> {
  const clock = virtualClock({ settles: "promises" })
  const runtime = testRuntime({ clock, seed })
  return clock.runUntil(hedgeExperiment({ policies: lowLatency({ hedge }), runtime, calls, stragglers }))
}

describe("hedging at the 95th percentile adds about 5 % of requests, whatever the latencies are like", () => {
  test.each([0, 0.02, 0.05, 0.06])("with a share of stragglers of %d", async (stragglers) => {
    const { extraLoad, failures } = await measured(stragglers, 20_000)
    expect([extraLoad > 4, extraLoad < 5.3, failures]).toEqual([true, true, 0])
  })
})

describe("hedging where 5 % of attempts take ten times as long", () => {
  // Knowing the distribution, the best delay gives a p99 of 17.0 ms at 7.0 % (10.16 ms), and of 15.9 ms at 8.9 %.
  test.each([
    [93, 7.0, 17.0],
    [91.1, 8.9, 15.9],
  ])("at the percentile %d comes close to the best that a single hedge can do", async (percentile, load, bestMs) => {
    const { extraLoad, p99Ms } = await measured(0.05, 50_000, { percentile })
    expect(Math.abs(extraLoad - load)).toBeLessThan(0.15)
    expect(p99Ms).toBeLessThan(bestMs * 1.03)
  })

  test("without hedges waits for the stragglers", async () => {
    expect((await measured(0.05, 20_000, { afterMs: 1e9 })).p99Ms).toBeGreaterThan(60)
  })
})
