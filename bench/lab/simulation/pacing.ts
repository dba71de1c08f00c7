import { seededRandom, virtualClock } from "@steadfetch/testing"
import type { Lineup } from "../lineups.ts"
import { client, surroundings } from "./client.ts"
import { limitingServer } from "./servers.ts"

/** Workers that each call as soon as their last call has ended, on a server that allows only so many requests a second. */
export interface PacingSetting {
  readonly lineup: Lineup
  readonly workers: number
  /** What the server allows at an instant. */
  readonly perSecondAt: (nowMs: number) => number
  readonly untilMs: number
  /** Where counting begins. */
  readonly countedFromMs: number
}

export interface PacingEnd {
  /** Requests per second, from `countedFromMs` on. */
  readonly sentPerSecond: number
  /** Of the requests from there on, those that the server refused. */
  readonly throttled: number
  /** Requests in each second. */
  readonly sent: readonly number[]
}

const REPLY_MS = 20

export async function pacing(setting: PacingSetting, seed: number): Promise<PacingEnd> {
  const { lineup, workers, perSecondAt, untilMs, countedFromMs } = setting
  const clock = virtualClock({ settles: "promises" })
  const limiter = limitingServer(clock, () => perSecondAt(clock.now()), REPLY_MS)
  const sent: number[] = Array.from({ length: untilMs / 1000 }, () => 0)
  let refused = 0
  const call = client(
    lineup.policies(),
    {
      ...limiter,
      async send(exchange) {
        const startedAt = clock.now()
        const second = Math.floor(startedAt / 1000)
        sent[second] = (sent[second] ?? 0) + 1
        const outcome = await limiter.send(exchange)
        if (startedAt >= countedFromMs && outcome.kind === "reply" && outcome.status === 429) refused++
        return outcome
      },
    },
    surroundings(clock, seed * 1000),
  )
  // Between its calls a worker does a little of its own, as long as a call that is refused takes.
  const random = seededRandom(seed * 1000 + 1)
  const work = (): void => {
    call(() => void clock.after(random() * 2 * REPLY_MS, work))
  }
  for (let worker = 0; worker < workers; worker++) work()
  await clock.advance(untilMs - 1)
  const counted = sent.slice(countedFromMs / 1000).reduce((sum, count) => sum + count, 0)
  return { sent, sentPerSecond: counted / ((untilMs - countedFromMs) / 1000), throttled: refused / counted }
}
