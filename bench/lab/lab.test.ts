import { expect, test } from "vitest"
import { CHOSEN, withBudget } from "./budget/tables.ts"
import { OBSERVED_MS } from "./experiments/a-spike.ts"
import { mean } from "./findings.ts"
import { NO_RETRIES, OURS, peer } from "./lineups.ts"
import { bestP99Ms } from "./simulation/best-hedge.ts"
import { contend } from "./simulation/contention.ts"
import { failures } from "./simulation/failing.ts"
import { outage } from "./simulation/outage.ts"
import { overload } from "./simulation/overload.ts"
import { peerRetry, peers } from "./simulation/peers.ts"
import { spikes } from "./simulation/spike.ts"

const FAILING = { clients: 20, perSecond: 10, untilMs: 30_000 }

test("the same seed gives the same numbers, another seed others", async () => {
  const end = (seed: number) => failures({ ...FAILING, failureShare: 0.2, lineup: OURS }, seed)
  const first = await end(1)
  expect(await end(1)).toEqual(first)
  expect(await end(2)).not.toEqual(first)
})

test("the budget that the report calls chosen is the default", async () => {
  const end = (lineup: typeof OURS) => failures({ ...FAILING, failureShare: 0.2, lineup }, 1)
  expect(await end(withBudget(CHOSEN))).toEqual(await end(OURS))
  expect(await end(withBudget({ ...CHOSEN, capacity: 9 }))).not.toEqual(await end(OURS))
})

test("a server recovers from a spike about as soon as without retries, and never from retries without a bound", async () => {
  const spike = async (lineup: typeof OURS) => {
    const [end] = await spikes({ perSecond: 55, clients: 1, observedMs: OBSERVED_MS, lineup }, [1])
    return end?.recoveryS ?? Number.NaN
  }
  const without = await spike(NO_RETRIES)
  expect(without).toBeLessThan(15)
  expect(await spike(OURS)).toBeLessThanOrEqual(1.1 * without + 1)
  expect(await spike(peer("2 retries at once", peers.immediate(2)))).toBe(Number.POSITIVE_INFINITY)
})

test("the budget passes 10 % of failures and adds little to a server that is down", async () => {
  expect((await failures({ ...FAILING, failureShare: 0.1, lineup: OURS }, 1)).successShare).toBeGreaterThan(0.995)
  expect((await failures({ ...FAILING, failureShare: 1, lineup: OURS }, 1)).load).toBeLessThan(1.15)
})

test("the quota of AWS bounds a process to 35 retries, gRPC's tokens to 4", async () => {
  const retries = async (retrying: typeof peers.aws2026) => {
    const lineup = peer("peer", retrying)
    const calls = { clients: 1, perSecond: 100, untilMs: 10_000, failureShare: 1, lineup }
    const { load } = await failures(calls, 1)
    const { load: alone } = await failures({ ...calls, lineup: peer("none", peers.immediate(0)) }, 1)
    return (load - alone) * (await callsBegun(calls))
  }
  expect(await retries(peers.aws2026)).toBeCloseTo(35)
  expect(await retries(peers.grpc)).toBeCloseTo(4)
})

/** Calls that the Poisson process of this seed begins. */
async function callsBegun(calls: Parameters<typeof failures>[0]): Promise<number> {
  let begun = 0
  const count = peerRetry({ attempts: 1, delayMs: () => 0, purse: () => ({ pays: () => false, begin: () => begun++ }) })
  await failures({ ...calls, lineup: { name: "count", policies: () => [count] } }, 1)
  return begun
}

test("contending clients write as often as in the published simulation of jitter", async () => {
  const way = (peer: Parameters<typeof peerRetry>[0]) => contend(100, () => [peerRetry(peer, { 409: "retry" })], 1)
  const full = await way(peers.fullJitter(1e5, 10, 2000))
  const none = await way(peers.exponential(1e5, 10, 2000))
  expect(Math.abs(full.calls - 795) / 795).toBeLessThan(0.05)
  expect(Math.abs(none.calls - 1855) / 1855).toBeLessThan(0.1)
})

test("a server with a line works for nobody under lasting overload", async () => {
  expect((await overload({ lineup: NO_RETRIES, factor: 1.5 }, 1)).goodput).toBeLessThan(0.2)
})

test("an outage ends with the load that it had, and clients that call often have spent their budgets by then", async () => {
  const run = (clients: number) => outage({ clients, perSecond: 100, observedMs: 10_000, lineup: OURS }, 1)
  const [often, seldom] = [await run(600), await run(60_000)]
  expect(often.peakAfter).toBeLessThan(1.5)
  expect(seldom.peakAfter).toBeGreaterThan(5)
  expect((seldom.load[80] ?? 0) / mean(seldom.load.slice(75, 80))).toBeGreaterThan(0.7)
})

test("the best that a hedge can do is the server's own percentile without one, and less with more load", () => {
  expect(bestP99Ms(0.05, 0)).toBeCloseTo(64, 0)
  expect(bestP99Ms(0.05, 0.07)).toBeCloseTo(17, 1)
  expect(bestP99Ms(0.05, 0.09)).toBeLessThan(16)
})
