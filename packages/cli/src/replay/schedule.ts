import type { Clock } from "steadfetch"
import type { ReplayedCall } from "./request.ts"

/**
 * The calls, each once its time has come: as long after the first one as when they were recorded, or sooner by the speed;
 * without a speed at once. When the signal fires, it ends.
 */
export async function* scheduled(
  calls: readonly ReplayedCall[],
  speed: number | undefined,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<ReplayedCall> {
  const startedAt = clock.now()
  const [first] = calls
  for (const call of calls) {
    if (speed !== undefined && first !== undefined) {
      const dueMs = (call.recorded.startedAt - first.recorded.startedAt) / speed
      await waited(startedAt + dueMs - clock.now(), clock, signal)
    }
    if (signal.aborted) return
    yield call
  }
}

/** Resolves after a time, and at once when the signal fires, so that no timer keeps the process. */
async function waited(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      callOff()
      signal.removeEventListener("abort", stop)
      resolve()
    }
    const callOff = clock.after(ms, stop)
    signal.addEventListener("abort", stop)
  })
}
