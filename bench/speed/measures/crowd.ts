import { callTimes, collectGarbage } from "./load.ts"

/** What calling a slow server with a crowd of calls took. */
export interface Crowd {
  readonly elapsedMs: number
  readonly cpuUs: number
  /** The most memory that the process ever held (resident set). */
  readonly peakBytes: number
  /** How far that is above what it held before. */
  readonly grownBytes: number
}

const WARM_UP = { calls: 2_000, concurrency: 50 }

/** Begins so many calls at once and waits for all. For a fresh process, whose peak of memory is this. */
export async function crowd(
  call: () => Promise<unknown>,
  warmUp: () => Promise<unknown>,
  calls: number,
): Promise<Crowd> {
  await callTimes(warmUp, WARM_UP.calls, WARM_UP.concurrency)
  collectGarbage()
  const beforeBytes = process.memoryUsage.rss()
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  await callTimes(call, calls, calls)
  const elapsedMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  const peakBytes = process.resourceUsage().maxRSS * 1024
  return { elapsedMs, cpuUs: user + system, peakBytes, grownBytes: peakBytes - beforeBytes }
}
