import { all, steadfetch, undiciTransport, type Client, type Listeners, type Transport } from "@steadfetch/node"
import { harmless } from "../paint.ts"
import type { RequestSettings } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import type { BatchTask } from "./arguments.ts"
import { parseCallLine, type LineCall } from "./call-line.ts"
import { grouped, linesOf } from "./lines.ts"
import { OrderedLines } from "./ordered-lines.ts"
import { resultOf, type End } from "./results.ts"
import type { Tally } from "./tally.ts"
import { withoutBodies } from "./without-bodies.ts"

/**
 * So many calls are in memory, with their replies, at a time: a batch holds all of its own. At the end of each group the
 * slowest one is waited for.
 */
const GROUP_SIZE = 1000

/** What the client of many calls is made with. */
export interface ClientSettings extends RequestSettings {
  /** What URLs are relative to, and whose origin the credentials are for. */
  readonly baseUrl: string | undefined
}

/** The client of many calls. */
export function clientFor(task: ClientSettings, transport: Transport, on: Listeners = {}): Client {
  const { baseUrl, auth, headers, query, contract, deadline, timeout, retry } = task
  return steadfetch({
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(auth === undefined ? {} : { auth }),
    headers,
    query,
    contract,
    deadline,
    timeout,
    retry,
    transport,
    on,
  })
}

/** Makes the calls, and prints how each ended, in order. After a stop, those that were not sent are told as well. */
export async function runBatch(
  task: BatchTask,
  input: Parameters<typeof linesOf>[0],
  tally: Tally,
  { stdout, stderr, interrupted }: Surroundings,
): Promise<void> {
  const transport = undiciTransport()
  const client = clientFor(task, task.bodies ? transport : withoutBodies(transport), tally.listeners)
  // A reader that left, as `head -1` does, wants no more calls.
  const signal = AbortSignal.any([interrupted, stdout.abandoned])
  let isStopped = false
  let first = 0
  try {
    for await (const lines of grouped(linesOf(input), GROUP_SIZE)) {
      if (stdout.abandoned.aborted) return
      const before = first
      const results = new OrderedLines<End>(stdout, stderr, async (end) => {
        const text = JSON.stringify(await resultOf(end, before + end.index, task.bodies))
        return stdout.isTerminal ? harmless(text) : text
      })
      const calls = lines.map(parseCallLine)
      const note = (end: End): void => {
        tally.count(end.kind)
        results.add(end)
      }
      if (isStopped || signal.aborted) for (const [index, item] of calls.entries()) note(notSent(index, item))
      else {
        const batch = await all(calls, ({ method, url, options }) => client.request(method, url, options), {
          concurrency: task.concurrency,
          signal,
          stopWhen: ({ kind }) => task.stopOn.some((stopping) => stopping === kind),
          onProgress: ({ end }) => note(end),
        })
        for (const end of batch.ends) if (end.kind === "not-sent") note(end)
        isStopped = batch.isStopped
      }
      await results.written
      first += lines.length
    }
  } finally {
    await client.close()
  }
}

function notSent(index: number, item: LineCall): End {
  return { index, item, kind: "not-sent", outcome: undefined, error: undefined }
}
