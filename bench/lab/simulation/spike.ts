import { seededRandom, virtualClock } from "@steadfetch/testing"
import type { Clock } from "steadfetch"
import { NO_RETRIES, type Lineup } from "../lineups.ts"
import { client, isSuccess, surroundings } from "./client.ts"
import { offer } from "./load.ts"
import { slowingServer } from "./servers.ts"

/** A load that doubles for 5 s. */
export interface SpikeLoad {
  readonly perSecond: number
  /** After the spike. */
  readonly observedMs: number
}

/** Such a load on a server that slows down with it. */
export interface SpikeSetting extends SpikeLoad {
  /** Client processes that share the load. */
  readonly clients: number
  readonly lineup: Lineup
}

/** What a spike did. */
export interface SpikeEnd {
  /** Seconds after the spike until goodput is back for good; Infinity for never. */
  readonly recoveryS: number
  /** Requests received per call begun, from the spike's start on. */
  readonly load: number
  /** Successes per call begun, from the spike's start to the end of the observation. */
  readonly successShare: number
  /** The instants of the successes, in order. */
  readonly successes: readonly number[]
}

export const SPIKE = {
  beginsMs: 20_000,
  endsMs: 25_000,
  attemptMs: 3000,
  idleMs: 1000,
  perConcurrentMs: 10,
}

/** How goodput is judged: by the successes in every window of 5 s, ten windows a second. */
const WINDOW = { lengthMs: 5000, stepMs: 100, share: 0.95 }

/** What every seed's spike did. */
export async function spikes(setting: SpikeSetting, seeds: readonly number[]): Promise<readonly SpikeEnd[]> {
  const ends: SpikeEnd[] = []
  for (const seed of seeds) {
    const run = await spike(setting, seed, true)
    const calm = await calmSuccesses(setting, seed)
    ends.push({ ...run, recoveryS: recoveryMs(run.successes, calm, setting.observedMs) / 1000 })
  }
  return ends
}

const calmRuns = new Map<string, readonly number[]>()

/** What goodput has to come back to: the successes of the same calls when there is no spike and nobody retries. */
export async function calmSuccesses({ perSecond, observedMs }: SpikeLoad, seed: number): Promise<readonly number[]> {
  const key = `${perSecond} ${observedMs} ${seed}`
  const known = calmRuns.get(key)
  if (known !== undefined) return known
  const { successes } = await spike({ perSecond, clients: 1, observedMs, lineup: NO_RETRIES }, seed, false)
  calmRuns.set(key, successes)
  return successes
}

async function spike(setting: SpikeSetting, seed: number, isSpiky: boolean): Promise<Omit<SpikeEnd, "recoveryS">> {
  const { clients, lineup } = setting
  const { beginsMs, attemptMs } = SPIKE
  const clock = virtualClock({ settles: "promises" })
  const server = slowingServer(clock, SPIKE.idleMs, SPIKE.perConcurrentMs)
  const processes = Array.from({ length: clients }, (_, index) =>
    client(lineup.policies(attemptMs), server, surroundings(clock, seed * 1000 + index + 2)),
  )
  const successes: number[] = []
  let begun = 0
  const begin = (): void => {
    processes[begun++ % clients]?.((outcome) => {
      if (isSuccess(outcome)) successes.push(clock.now())
    })
  }
  offerCalm(clock, setting, seed, begin)
  if (isSpiky) offerSpike(clock, setting, seed, begin)
  await clock.advance(beginsMs)
  const before = { begun, received: server.received, succeeded: successes.length }
  await clock.advance(SPIKE.endsMs + setting.observedMs - beginsMs)
  const calls = begun - before.begun
  return {
    successes,
    load: (server.received - before.received) / calls,
    successShare: (successes.length - before.succeeded) / calls,
  }
}

/** Begins the calls that there are all the time. */
export function offerCalm(clock: Clock, { perSecond, observedMs }: SpikeLoad, seed: number, begin: () => void): void {
  offer(clock, { fromMs: 0, untilMs: SPIKE.endsMs + observedMs, perSecond }, seededRandom(seed * 1000), begin)
}

/** Begins the calls that the spike adds. */
export function offerSpike(clock: Clock, { perSecond }: SpikeLoad, seed: number, begin: () => void): void {
  const { beginsMs, endsMs } = SPIKE
  offer(clock, { fromMs: beginsMs, untilMs: endsMs, perSecond }, seededRandom(seed * 1000 + 1), begin)
}

/** From the spike's end to the start of the first window after the last one that fell short. */
export function recoveryMs(successes: readonly number[], calm: readonly number[], observedMs: number): number {
  const held = windows(successes, observedMs)
  const required = windows(calm, observedMs)
  const last = held.findLastIndex((count, index) => count < WINDOW.share * (required[index] ?? 0))
  return last === held.length - 1 ? Number.POSITIVE_INFINITY : (last + 1) * WINDOW.stepMs
}

/** How many of the instants each window holds; the first window begins with the spike's end. */
function windows(instants: readonly number[], observedMs: number): readonly number[] {
  const steps: number[] = Array.from({ length: observedMs / WINDOW.stepMs }, () => 0)
  for (const instant of instants) {
    const step = Math.floor((instant - SPIKE.endsMs) / WINDOW.stepMs)
    const count = steps[step]
    if (count !== undefined) steps[step] = count + 1
  }
  const length = WINDOW.lengthMs / WINDOW.stepMs
  return steps.slice(length - 1).map((_, start) => steps.slice(start, start + length).reduce((sum, n) => sum + n))
}
