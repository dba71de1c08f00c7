import { setImmediate } from "node:timers/promises"
import { collectGarbage } from "./load.ts"

const BATCH = 100

/** Microseconds that making one thing takes, over some seconds of making them. */
export async function creationUs(create: () => unknown, seconds: number): Promise<number> {
  collectGarbage()
  let [spentMs, made] = [0, 0]
  const kept: unknown[] = []
  while (spentMs < seconds * 1000) {
    const startedAt = performance.now()
    for (let index = 0; index < BATCH; index++) kept[index] = create()
    spentMs += performance.now() - startedAt
    made += BATCH
    // What a client leaves to the event loop gets its turn.
    await setImmediate()
  }
  return (spentMs * 1000) / made
}
