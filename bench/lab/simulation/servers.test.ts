import { seededRandom, testExchange, virtualClock, type VirtualClock } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { limitingServer, queueingServer, slowingServer, stragglingServer, type Server } from "./servers.ts"

/** The times that requests take which are sent one after another at these intervals. */
async function times(clock: VirtualClock, server: Server, requests: number, everyMs: number): Promise<number[]> {
  const tookMs: number[] = Array.from({ length: requests }, () => Number.NaN)
  for (let index = 0; index < requests; index++) {
    clock.after(index * everyMs, () => {
      const sentAt = clock.now()
      void server.send(testExchange("https://api.test/")).then(() => {
        tookMs[index] = clock.now() - sentAt
      })
    })
  }
  await clock.advance(1e7)
  return tookMs.map((ms) => Math.round(ms * 1000) / 1000)
}

test("a slowing server takes longer for each request that it is working on", async () => {
  const clock = virtualClock({ settles: "promises" })
  expect(await times(clock, slowingServer(clock, 1000, 10), 4, 0)).toEqual([1000, 1010, 1020, 1030])
})

test("a queueing server answers as many a second as its workers can, and lets the rest wait in line", async () => {
  const clock = virtualClock({ settles: "promises" })
  // Ten workers with 100 ms each: a request every 10 ms is what they can do.
  expect(new Set(await times(clock, queueingServer(clock, 10, 100), 50, 10))).toEqual(new Set([100]))
  const late = virtualClock({ settles: "promises" })
  expect((await times(late, queueingServer(late, 10, 100), 50, 5)).at(-1)).toBe(100 + 49 * 5)
})

test("a limiting server lets through what its bucket holds and what flows into it", async () => {
  const clock = virtualClock({ settles: "promises" })
  const server = limitingServer(clock, () => 20, 1)
  const statuses: unknown[] = []
  const offer = (perSecond: number, requests: number): void => {
    for (let index = 0; index < requests; index++) {
      clock.after((index * 1000) / perSecond, () => {
        void server.send(testExchange("https://api.test/")).then((outcome) => {
          statuses.push(outcome.kind === "reply" && outcome.status)
        })
      })
    }
  }
  offer(100, 1000)
  await clock.advance(20_000)
  expect(statuses.filter((status) => status === 200).length).toBe(20 + 10 * 20 - 1)
  expect(statuses.length).toBe(1000)
})

test("a straggling server's replies have the mean, the deviation and the share of stragglers that were asked for", async () => {
  const clock = virtualClock({ settles: "promises" })
  const latency = { meanMs: 5, deviationMs: 2, stragglers: 0, slower: 10 }
  const usual = await times(clock, stragglingServer(clock, latency, seededRandom(1)), 20_000, 100)
  const mean = usual.reduce((sum, ms) => sum + ms) / usual.length
  const deviation = Math.sqrt(usual.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / usual.length)
  expect([mean.toFixed(1), deviation.toFixed(1)]).toEqual(["5.0", "2.0"])
  const some = virtualClock({ settles: "promises" })
  const mixed = await times(
    some,
    stragglingServer(some, { ...latency, stragglers: 0.05 }, seededRandom(1)),
    20_000,
    100,
  )
  expect(mixed.filter((ms) => ms > 17).length / mixed.length).toBeCloseTo(0.05, 2)
})
