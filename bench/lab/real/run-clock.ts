import { systemClock, type Clock } from "steadfetch"

/** Time from a run's start. */
export interface RunClock extends Clock {
  /** The start, in milliseconds since 1970-01-01 UTC. */
  readonly startDate: number
  /** By how many milliseconds each of the timers ran late. */
  readonly lateMs: readonly number[]
}

/** Starts with 0 now; it says whether a process kept up with its own plan. */
export function runClock(clock: Clock = systemClock): RunClock {
  const startsAt = clock.now()
  const now = (): number => clock.now() - startsAt
  const lateMs: number[] = []
  return {
    startDate: clock.date(),
    lateMs,
    now,
    date: () => clock.date(),
    after(delayMs, run) {
      const dueMs = now() + delayMs
      return clock.after(delayMs, () => {
        lateMs.push(Math.max(0, now() - dueMs))
        run()
      })
    },
  }
}
