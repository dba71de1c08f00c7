/** What came of calling for some seconds. */
export interface Load {
  readonly calls: number
  readonly elapsedMs: number
  /** CPU time of the whole process, garbage collection included. */
  readonly cpuUs: number
}

/**
 * Keeps so many calls under way for some seconds. Garbage is not collected first: a forced collection makes V8 forget
 * compiled code, and calls cost twice as much for the next second or two.
 */
export async function load(call: () => Promise<unknown>, concurrency: number, seconds: number): Promise<Load> {
  let calls = 0
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  const until = startedAt + seconds * 1000
  const lane = async (): Promise<void> => {
    do {
      await call()
      calls += 1
    } while (performance.now() < until)
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  const elapsedMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  return { calls, elapsedMs, cpuUs: user + system }
}

/** Makes so many calls, so many of them at once. */
export async function callTimes(call: () => Promise<unknown>, times: number, concurrency: number): Promise<void> {
  let left = times
  const lane = async (): Promise<void> => {
    while (left-- > 0) await call()
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
}

/** @throws Error in a process without --expose-gc. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error("run node with --expose-gc")
  globalThis.gc()
}
