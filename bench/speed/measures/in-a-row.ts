import { setImmediate } from "node:timers/promises"
import { collectGarbage } from "./load.ts"

const BATCH = 1_000

/** Microseconds that a call takes when one follows the other, over some seconds of calling. */
export async function inARowUs(call: () => Promise<unknown>, seconds: number): Promise<number> {
  collectGarbage()
  let [spentMs, calls] = [0, 0]
  while (spentMs < seconds * 1000) {
    const startedAt = performance.now()
    for (let index = 0; index < BATCH; index++) await call()
    spentMs += performance.now() - startedAt
    calls += BATCH
    // Timers that were set and called off leave the event loop's lists here.
    await setImmediate()
  }
  return (spentMs * 1000) / calls
}
