import { setImmediate } from "node:timers/promises"

const BATCH = 1_000

/**
 * Microseconds that a call takes when one follows the other, over some seconds of calling: CPU time of the main thread,
 * which on a quiet machine is all the time there is, and on a busy one is not disturbed by others.
 */
export async function inARowUs(call: () => Promise<unknown>, seconds: number): Promise<number> {
  let [spentUs, calls] = [0, 0]
  while (spentUs < seconds * 1e6) {
    const startedAt = process.threadCpuUsage()
    for (let index = 0; index < BATCH; index++) await call()
    const { user, system } = process.threadCpuUsage(startedAt)
    spentUs += user + system
    calls += BATCH
    // Timers that were set and called off leave the event loop's lists here.
    await setImmediate()
  }
  return spentUs / calls
}
