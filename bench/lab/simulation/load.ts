import type { Clock } from "steadfetch"

/** A time of steady load. */
export interface Load {
  readonly fromMs: number
  readonly untilMs: number
  readonly perSecond: number
}

/**
 * Begins calls at random instants, independent of each other and of how earlier ones fared (a Poisson process): nobody
 * waits for a server that is slow before asking it again.
 */
export function offer(clock: Clock, load: Load, random: () => number, begin: () => void): void {
  const next = (instant: number): void => {
    const nextInstant = instant - (Math.log(1 - random()) * 1000) / load.perSecond
    if (nextInstant >= load.untilMs) return
    clock.after(nextInstant - clock.now(), () => {
      begin()
      next(nextInstant)
    })
  }
  next(load.fromMs)
}
