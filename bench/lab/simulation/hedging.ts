import type { Handler, Policy } from "steadfetch"
import { seededRandom, virtualClock } from "@steadfetch/testing"
import { quantile } from "../findings.ts"
import { client, isSuccess, surroundings } from "./client.ts"
import { stragglingServer } from "./servers.ts"

/** Of the replies. */
export const LATENCY = { meanMs: 5, deviationMs: 2, slower: 10 }

export interface HedgingSetting {
  readonly policies: readonly Policy[]
  readonly calls: number
  /** The share of replies that take ten times as long. */
  readonly stragglers: number
}

export interface HedgingEnd {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  /** Requests per call beyond the first. */
  readonly extraLoad: number
}

/** One call after another. */
export async function hedging({ policies, calls, stragglers }: HedgingSetting, seed: number): Promise<HedgingEnd> {
  const clock = virtualClock({ settles: "promises" })
  const server = stragglingServer(clock, { ...LATENCY, stragglers }, seededRandom(seed * 1000))
  const call = client(policies, server, surroundings(clock, seed * 1000 + 1))
  const tookMs: number[] = []
  const allCalls = new Promise<void>((resolve, reject) => {
    const next = (): void => {
      const startedAt = clock.now()
      call((outcome) => {
        if (!isSuccess(outcome)) return reject(new Error("a call failed where nothing fails"))
        tookMs.push(clock.now() - startedAt)
        if (tookMs.length === calls) resolve()
        else next()
      })
    }
    next()
  })
  await clock.runUntil(allCalls)
  return {
    p50Ms: quantile(tookMs, 0.5),
    p99Ms: quantile(tookMs, 0.99),
    p999Ms: quantile(tookMs, 0.999),
    extraLoad: (server.received - calls) / calls,
  }
}

/** Answers that the naive hedge remembers. */
const REMEMBERED = 1000

/**
 * A hedge after the 95th percentile of the answers seen, as it is commonly built: it learns from winners alone, and so takes
 * the latency that hedging gives for the latency that hedging meets.
 */
export function naiveHedge(): Policy {
  return {
    name: "hedge",
    scope: "repeater",
    wrap(next: Handler, { clock }) {
      const seen: number[] = []
      let delayMs = Number.POSITIVE_INFINITY
      return (exchange) => {
        const startedAt = clock.now()
        return new Promise((resolve, reject) => {
          const callOff = clock.after(delayMs, () => void next(exchange).then(win, reject))
          const win: typeof resolve = (outcome) => {
            callOff()
            resolve(outcome)
          }
          next(exchange).then(win, reject)
        }).finally(() => {
          seen.push(clock.now() - startedAt)
          if (seen.length > REMEMBERED) seen.shift()
          if (seen.length >= 50 && seen.length % 50 === 0) delayMs = quantile(seen, 0.95)
        }) as ReturnType<Handler>
      }
    },
  }
}
