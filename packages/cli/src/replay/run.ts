import { all, undiciTransport } from "@steadfetch/node"
import { OrderedLines } from "../batch/ordered-lines.ts"
import { clientFor } from "../batch/run.ts"
import type { Tally } from "../batch/tally.ts"
import { harmless } from "../paint.ts"
import type { Surroundings } from "../surroundings.ts"
import type { ReplayTask } from "./arguments.ts"
import type { Differences } from "./differences.ts"
import { drained } from "./drained.ts"
import { resultLine, resultOf, type End } from "./result.ts"
import { scheduled } from "./schedule.ts"
import type { Selection } from "./selection.ts"

/** Makes the calls again, and prints how each ended beside what was recorded, in order; those not sent are told as data alone. */
export async function runReplay(
  task: ReplayTask,
  { calls, origin }: Selection,
  tally: Tally,
  differences: Differences,
  { stdout, stderr, clock, interrupted }: Surroundings,
): Promise<void> {
  const client = clientFor({ ...task, baseUrl: origin }, drained(undiciTransport()), tally.listeners)
  // A reader that left, as `head -1` does, wants no more calls.
  const signal = AbortSignal.any([interrupted, stdout.abandoned])
  const lines = new OrderedLines<End>(stdout, stderr, (end) => {
    if (!task.json) return resultLine(end, stdout.paint)
    const text = JSON.stringify(resultOf(end))
    return stdout.isTerminal ? harmless(text) : text
  })
  const note = (end: End): void => {
    tally.count(end.kind)
    differences.add(end)
    lines.add(end)
  }
  try {
    const { ends } = await all(
      scheduled(calls, task.speed, clock, signal),
      ({ method, url, options }) => client.request(method, url, options),
      { concurrency: task.concurrency, signal, onProgress: ({ end }) => note(end) },
    )
    for (const [index, item] of calls.entries())
      if (index >= ends.length) note({ index, item, kind: "not-sent", outcome: undefined, error: undefined })
    await lines.written
  } finally {
    await client.close()
  }
}
