import { seededRandom, virtualClock } from "@steadfetch/testing"
import { quantile } from "../findings.ts"
import type { Lineup } from "../lineups.ts"
import { client, isSuccess, surroundings } from "./client.ts"
import { offer } from "./load.ts"
import { queueingServer } from "./servers.ts"

/** More calls than a server can answer, for a while. */
export interface OverloadSetting {
  readonly lineup: Lineup
  /** Calls per second in the overload, over what the server can answer. */
  readonly factor: number
}

export interface OverloadEnd {
  /** Successes per second of the overload, over what the server can answer. */
  readonly goodput: number
  /** Of the calls that began in the overload and succeeded. */
  readonly p99Ms: number
  /** Successes in each second. */
  readonly successes: readonly number[]
}

export const OVERLOAD = {
  processes: 4,
  workers: 10,
  workMs: 100,
  calmPerSecond: 50,
  beginsMs: 20_000,
  endsMs: 80_000,
  untilMs: 120_000,
  attemptMs: 2000,
}

/** How many requests a second the server can answer. */
export const CAPACITY = (OVERLOAD.workers * 1000) / OVERLOAD.workMs

export async function overload({ lineup, factor }: OverloadSetting, seed: number): Promise<OverloadEnd> {
  const { processes, beginsMs, endsMs, untilMs, attemptMs, calmPerSecond, workers, workMs } = OVERLOAD
  const clock = virtualClock({ settles: "promises" })
  const server = queueingServer(clock, workers, workMs)
  const clients = Array.from({ length: processes }, (_, index) =>
    client(lineup.policies(attemptMs), server, surroundings(clock, seed * 1000 + index + 2)),
  )
  const successes: number[] = Array.from({ length: untilMs / 1000 }, () => 0)
  const latencies: number[] = []
  let begun = 0
  const begin = (): void => {
    const startedAt = clock.now()
    clients[begun++ % processes]?.((outcome) => {
      const second = Math.floor(clock.now() / 1000)
      if (!isSuccess(outcome)) return
      successes[second] = (successes[second] ?? 0) + 1
      if (startedAt >= beginsMs && startedAt < endsMs) latencies.push(clock.now() - startedAt)
    })
  }
  offer(clock, { fromMs: 0, untilMs, perSecond: calmPerSecond }, seededRandom(seed * 1000), begin)
  const extra = factor * CAPACITY - calmPerSecond
  offer(clock, { fromMs: beginsMs, untilMs: endsMs, perSecond: extra }, seededRandom(seed * 1000 + 1), begin)
  await clock.advance(untilMs - 1)
  const during = successes.slice(beginsMs / 1000, endsMs / 1000).reduce((sum, count) => sum + count, 0)
  return {
    goodput: during / ((endsMs - beginsMs) / 1000) / CAPACITY,
    p99Ms: quantile(latencies, 0.99),
    successes,
  }
}
