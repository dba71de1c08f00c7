import { judge, steadfetch, undiciTransport, type RequestOptions, type Transport } from "@steadfetch/node"
import { Cancellation } from "steadfetch"
import { Progress } from "../progress/progress.ts"
import { clientOptions } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import type { BenchTask } from "./arguments.ts"
import { watchGenerator } from "./generator-health.ts"
import { liveLine } from "./live-line.ts"
import { Load, type LoadPlan, type Start } from "./load.ts"
import { report, type Report } from "./report.ts"
import { Tally } from "./tally.ts"

/** A load and what becomes of it, not yet begun. */
interface Phase {
  readonly load: Load
  readonly tally: Tally
}

/**
 * Loads the server as the task says, first to warm up, and reports what was measured.
 * @param parts What each call sends.
 * @throws ConfigurationError for what cannot be sent.
 */
export async function runBench(task: BenchTask, parts: RequestOptions, surroundings: Surroundings): Promise<Report> {
  const { plan } = task
  const transport = undiciTransport({ agent: { connections: plan.concurrency } })
  const phaseOf = (plan: LoadPlan): Phase => phase(task, plan, parts, transport, surroundings)
  try {
    const pauseMs = await warmUp(task, phaseOf, surroundings)
    const measured = phaseOf(plan)
    const endWatch = watchGenerator()
    const end = await run(task, measured, pauseMs, surroundings)
    return report(task, measured.tally, measured.load, end, endWatch())
  } finally {
    await transport.close()
  }
}

/** The same load, counted nowhere. Resolves to what is left of a pause that the server asked for. */
async function warmUp({ plan, warmUpMs, quiet }: BenchTask, phaseOf: (plan: LoadPlan) => Phase, given: Surroundings) {
  if (warmUpMs === 0) return 0
  const { stderr, interrupted } = given
  const { load } = phaseOf({ ...plan, durationMs: warmUpMs, calls: undefined })
  if (!quiet) stderr.live("warms up")
  await load.run(interrupted).finally(() => stderr.live(""))
  return load.pauseLeftMs
}

async function run(
  task: BenchTask,
  { load, tally }: Phase,
  pauseMs: number,
  { stderr, clock, interrupted }: Surroundings,
) {
  const { plan, quiet } = task
  const text = (columns: number): string => liveLine(plan, tally, load, columns, stderr.paint)
  const progress = quiet || !stderr.canRedraw ? undefined : new Progress(stderr, clock, text)
  const whenOver = (): void => {
    // Of a number of calls, the last ones count as well.
    if (plan.durationMs !== undefined) tally.setMark()
  }
  return load.run(interrupted, pauseMs, whenOver).finally(() => progress?.end())
}

/** A client, and with it a retry budget, for each phase: what is counted begins with a full one. */
function phase(
  task: BenchTask,
  plan: LoadPlan,
  parts: RequestOptions,
  transport: Transport,
  { clock, interrupted }: Surroundings,
): Phase {
  const tally = new Tally(clock)
  const { method, url, isBare, deadline, sendsKey, contract } = task
  const client = steadfetch({
    ...clientOptions(task, url),
    deadline,
    transport,
    retry: isBare ? false : task.retry,
    ...(sendsKey ? {} : { idempotencyKey: false }),
    on: tally.listeners,
  })
  // Lighter than an AbortSignal, which every call would listen to.
  const signal = new Cancellation(interrupted)
  // A redirect may lead to a server that nobody gave leave to load.
  const options = { ...parts, signal, redirect: "manual" } as const
  const make = async (start: Start): Promise<void> => {
    tally.began(start)
    try {
      tally.ended(start, await client.request(method, url, options).outcome())
    } catch (error) {
      if (!interrupted.aborted) throw error
      tally.cut++
    }
  }
  const load = new Load(plan, clock, make)
  if (!isBare)
    client.on("attempt-ended", ({ outcome }) => {
      // These two say that it is too much for the server; with others Retry-After is about the request itself.
      if (outcome.kind === "failure" || (outcome.status !== 429 && outcome.status !== 503)) return
      load.pause(judge(contract, outcome, clock).afterMs ?? 0)
    })
  return { load, tally }
}
