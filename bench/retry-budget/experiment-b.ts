import type { PresetOptions } from "steadfetch"
import { seededRandom } from "@steadfetch/testing"
import { client, offer } from "./client.ts"
import { EventQueue } from "./event-queue.ts"
import { failingServer } from "./server.ts"

/** Experiment B: a server that fails a share of the requests, for as long as the experiment lasts. */
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
  readonly options: PresetOptions
}

/** What retries cost and gained. */
export interface FailureEnd {
  /** Requests received per call begun. */
  readonly load: number
  /** Of the calls. */
  readonly successShare: number
}

export const REPLY_MS = 50

export async function failures(setting: FailureSetting, seed: number): Promise<FailureEnd> {
  const { failureShare, clients, perSecond, untilMs, countedFromMs = 0, options } = setting
  const clock = new EventQueue()
  const server = failingServer(clock, failureShare, REPLY_MS, seededRandom(seed))
  let begun = 0
  let succeeded = 0
  for (let index = 1; index <= clients; index++) {
    const call = client(clock, server, options, seed * 10_000 + index)
    const begin = (): void => {
      const isCounted = clock.now() >= countedFromMs
      if (isCounted) begun++
      call((success) => {
        if (isCounted && success) succeeded++
      })
    }
    if (perSecond === "once") clock.after(0, begin)
    else offer(clock, { fromMs: 0, untilMs, perSecond }, seededRandom(seed * 10_000 - index), begin)
  }
  await clock.run(countedFromMs)
  const before = server.received
  await clock.run()
  return { load: (server.received - before) / begun, successShare: succeeded / begun }
}
