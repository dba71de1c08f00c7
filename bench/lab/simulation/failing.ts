import { seededRandom, virtualClock } from "@steadfetch/testing"
import type { Lineup } from "../lineups.ts"
import { client, isSuccess, surroundings } from "./client.ts"
import { offer } from "./load.ts"
import { failingServer } from "./servers.ts"

/** A server that fails a share of the requests, for as long as the experiment lasts. */
export interface FailureSetting {
  readonly failureShare: number
  /** Client processes. */
  readonly clients: number
  /** Calls of each of them; "once" for a single call. */
  readonly perSecond: number | "once"
  /** Calls begin from 0 to here. All of them are awaited. */
  readonly untilMs: number
  /** Calls that begin earlier are not counted. Default 0. */
  readonly countedFromMs?: number
  readonly lineup: Lineup
}

/** What retries cost and gained. */
export interface FailureEnd {
  /** Requests received per call begun. */
  readonly load: number
  /** Of the calls. */
  readonly successShare: number
}

export const REPLY_MS = 50

/** No call takes longer than this after the last one has begun. */
const LONGEST_CALL_MS = 600_000

export async function failures(setting: FailureSetting, seed: number): Promise<FailureEnd> {
  const { failureShare, clients, perSecond, untilMs, countedFromMs = 0, lineup } = setting
  const clock = virtualClock({ settles: "promises" })
  const server = failingServer(clock, failureShare, REPLY_MS, seededRandom(seed))
  let begun = 0
  let ended = 0
  let succeeded = 0
  for (let index = 1; index <= clients; index++) {
    const call = client(lineup.policies(), server, surroundings(clock, seed * 10_000 + index))
    const begin = (): void => {
      const isCounted = clock.now() >= countedFromMs
      if (isCounted) begun++
      call((outcome) => {
        if (!isCounted) return
        ended++
        if (isSuccess(outcome)) succeeded++
      })
    }
    if (perSecond === "once") clock.after(0, begin)
    else offer(clock, { fromMs: 0, untilMs, perSecond }, seededRandom(seed * 10_000 - index), begin)
  }
  await clock.advance(countedFromMs)
  const before = server.received
  await clock.advance(untilMs - countedFromMs + LONGEST_CALL_MS)
  if (ended < begun) throw new Error(`${begun - ended} calls of ${begun} have not ended`)
  return { load: (server.received - before) / begun, successShare: succeeded / begun }
}
