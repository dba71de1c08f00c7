import { seededRandom, virtualClock } from "@steadfetch/testing"
import type { Lineup } from "../lineups.ts"
import { client, isSuccess, surroundings, type Client } from "./client.ts"
import { offer } from "./load.ts"
import { server } from "./servers.ts"

/** Many clients of one fleet of servers, which is gone for a while. */
export interface OutageSetting {
  readonly clients: number
  /** Calls of all of them together; each call is a random client's. */
  readonly perSecond: number
  /** After the outage. */
  readonly observedMs: number
  readonly lineup: Lineup
}

/** What an outage did. */
export interface OutageEnd {
  /** Requests in each second, over calls per second. */
  readonly load: readonly number[]
  /** The highest load of a second of the outage. */
  readonly peakDuring: number
  /** The highest load of a second after the outage. */
  readonly peakAfter: number
  /** Seconds after the outage until the load stays below 1.1 times the normal one; Infinity for not within the observation. */
  readonly recoveryS: number
  /** Of the calls that began in the outage. */
  readonly successShare: number
  /** Requests that the servers received in all. */
  readonly received: number
}

export const OUTAGE = { beginsMs: 20_000, endsMs: 80_000, replyMs: 20 }

/** Seconds of a window in which the load is looked at for recovery: a single one is unsteady by chance. */
const WINDOW_S = 5

export async function outage(setting: OutageSetting, seed: number): Promise<OutageEnd> {
  const { clients, perSecond, observedMs, lineup } = setting
  const { beginsMs, endsMs, replyMs } = OUTAGE
  const untilMs = endsMs + observedMs
  const clock = virtualClock({ settles: "promises" })
  const counts = new Uint32Array(untilMs / 1000 + 1)
  const fleet = server(clock, () => {
    const now = clock.now()
    const second = Math.floor(now / 1000)
    counts[second] = (counts[second] ?? 0) + 1
    return { status: now >= beginsMs && now < endsMs ? 503 : 200, takesMs: replyMs }
  })
  const runtime = surroundings(clock, seed * 1000)
  const made: Client[] = []
  const choose = seededRandom(seed * 1000 + 1)
  let caught = 0
  let saved = 0
  offer(clock, { fromMs: 0, untilMs, perSecond }, seededRandom(seed * 1000 + 2), () => {
    const index = Math.floor(choose() * clients)
    // Made when it first calls: a client that is idle all the time costs nothing.
    const call = (made[index] ??= client(lineup.policies(), fleet, runtime))
    const isCaught = clock.now() >= beginsMs && clock.now() < endsMs
    if (isCaught) caught++
    call((outcome) => {
      if (isCaught && isSuccess(outcome)) saved++
    })
  })
  await clock.advance(untilMs)
  const load = Array.from(counts.subarray(0, untilMs / 1000), (count) => count / perSecond)
  const [begins, ends] = [beginsMs / 1000, endsMs / 1000]
  return {
    load,
    peakDuring: Math.max(...load.slice(begins, ends)),
    peakAfter: Math.max(...load.slice(ends)),
    recoveryS: recoveryS(load.slice(ends)),
    successShare: saved / caught,
    received: fleet.received,
  }
}

function recoveryS(load: readonly number[]): number {
  const windows = load.slice(WINDOW_S - 1).map((_, start) => {
    const window = load.slice(start, start + WINDOW_S)
    return window.reduce((sum, value) => sum + value, 0) / WINDOW_S
  })
  const last = windows.findLastIndex((value) => value > 1.1)
  return last === windows.length - 1 ? Number.POSITIVE_INFINITY : last + 1
}
