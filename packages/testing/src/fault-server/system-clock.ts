/** The time a fault server goes by. Has the shape of steadfetch's own clock, so that one virtual clock drives both. */
export interface Clock {
  /** Milliseconds since some fixed instant; never goes back. */
  now(): number
  /** Milliseconds since 1970-01-01 UTC. */
  date(): number
  /** Runs something once after so many milliseconds; returns how to call it off. */
  after(delayMs: number, run: () => void): () => void
}

/** The longest delay setTimeout keeps, in milliseconds; scripts with a longer one are refused. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1

/** The machine's time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}
