import { setTimeout } from "node:timers/promises"
import { callTimes, collectGarbage } from "./load.ts"

/** By how much a process grew over many calls, garbage apart. */
export interface Growth {
  readonly heapBytes: number
  readonly rssBytes: number
}

const WARM_UP_CALLS = 10_000
const SETTLING_MS = 200

/** Makes so many calls in a process that is warm. */
export async function growth(call: () => Promise<unknown>, calls: number, concurrency: number): Promise<Growth> {
  await callTimes(call, Math.min(calls, WARM_UP_CALLS), concurrency)
  const before = await held()
  await callTimes(call, calls, concurrency)
  const after = await held()
  return { heapBytes: after.heapBytes - before.heapBytes, rssBytes: after.rssBytes - before.rssBytes }
}

/** What is held once finalizers and delayed clean-ups have had their turn. */
async function held(): Promise<Growth> {
  collectGarbage()
  await setTimeout(SETTLING_MS)
  collectGarbage()
  const { heapUsed, rss } = process.memoryUsage()
  return { heapBytes: heapUsed, rssBytes: rss }
}
