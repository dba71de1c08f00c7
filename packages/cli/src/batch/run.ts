import { all, steadfetch, undiciTransport, type Client, type Listeners, type Transport } from "@steadfetch/node"
import type { Output } from "../output.ts"
import { harmless } from "../paint.ts"
import type { Surroundings } from "../surroundings.ts"
import type { BatchTask } from "./arguments.ts"
import { parseCallLine, type LineCall } from "./call-line.ts"
import { grouped, linesOf } from "./lines.ts"
import { resultOf, type End } from "./results.ts"
import type { Tally } from "./tally.ts"
import { withoutBodies } from "./without-bodies.ts"

/**
 * So many calls are in memory, with their replies, at a time: a batch holds all of its own. At the end of each group the
 * slowest one is waited for.
 */
const GROUP_SIZE = 1000

/** The client of a batch. */
export function clientFor(task: BatchTask, transport: Transport, on: Listeners = {}): Client {
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
      const results = new Results(first, task.bodies, stdout, stderr)
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

/** Prints the results of a group in the order of its lines, each as soon as those before it are there. */
class Results {
  /** Resolves once all that can be printed is. */
  written: Promise<void> = Promise.resolve()
  readonly #first: number
  readonly #bodies: boolean
  readonly #stdout: Output
  readonly #stderr: Output
  readonly #early = new Map<number, End>()
  #next = 0

  /** @param first The place of the group's first call among all. */
  constructor(first: number, bodies: boolean, stdout: Output, stderr: Output) {
    this.#first = first
    this.#bodies = bodies
    this.#stdout = stdout
    this.#stderr = stderr
  }

  add(end: End): void {
    this.#early.set(end.index, end)
    for (;;) {
      const ready = this.#early.get(this.#next)
      if (ready === undefined) return
      this.#early.delete(this.#next++)
      this.written = this.written.then(() => this.#print(ready))
    }
  }

  async #print(end: End): Promise<void> {
    const text = `${JSON.stringify(await resultOf(end, this.#first + end.index, this.#bodies))}\n`
    if (!this.#stdout.isTerminal) return void (await this.#stdout.bytes(text))
    // Both are commonly the same terminal; the next tick draws the line again.
    this.#stderr.live("")
    await this.#stdout.bytes(harmless(text))
  }
}
