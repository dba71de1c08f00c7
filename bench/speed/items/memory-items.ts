import type { Allocation } from "../measures/allocation.ts"
import type { Crowd } from "../measures/crowd.ts"
import type { Growth } from "../measures/growth.ts"
import type { ItemResult } from "../results.ts"
import { interleaved } from "../rounds.ts"
import { inFreshProcess } from "./client-children.ts"
import { rowsOf } from "./load-item.ts"
import type { Surroundings } from "./surroundings.ts"

/** How many connections a crowd of calls shares. */
export const CROWD_CONNECTIONS = 500

/** How many calls are under way at once while growth is observed. */
export const GROWTH_CONCURRENCY = 50

const MEGABYTE = 1_000_000

/** Measures time and memory of a crowd of calls to a slow server. */
export async function measureCrowd(
  clients: readonly string[],
  { origin, rounds, crowdCalls: calls, tell }: Surroundings,
): Promise<ItemResult["measures"]> {
  const ground = { origin, connections: CROWD_CONNECTIONS, retries: false }
  const sample = (client: string): Promise<Crowd> =>
    inFreshProcess(client, ground, (child) => child.ask("crowd", { calls }))
  const samples = await interleaved(clients, rounds, sample, tell)
  return [
    { title: "Time until all have ended", unit: "ms", better: "lower", rows: rowsOf(samples, "elapsedMs") },
    { title: "CPU time", unit: "ms", better: "lower", rows: rowsOf(samples, "cpuUs", 1000) },
    { title: "Peak memory", unit: "MB", better: "lower", rows: rowsOf(samples, "peakBytes", MEGABYTE) },
    { title: "Above the start", unit: "MB", better: "lower", rows: rowsOf(samples, "grownBytes", MEGABYTE) },
  ]
}

/** Measures how many bytes a call allocates; once, since the numbers of a sampled profile hardly differ. */
export async function measureAllocation(
  clients: readonly string[],
  { origin, growthCalls: calls, tell }: Surroundings,
): Promise<ItemResult["measures"]> {
  const samples = await interleaved(clients, 1, (client) => allocationOf(client, origin, calls), tell)
  return [{ title: "Bytes allocated per call", unit: "bytes", better: "lower", rows: rowsOf(samples, "bytesPerCall") }]
}

/** Measures which functions allocate how many of those bytes. */
export async function measureAllocationSites(
  client: string,
  { origin, growthCalls: calls }: Surroundings,
): Promise<ItemResult["measures"]> {
  const { sites } = await allocationOf(client, origin, calls)
  const rows = sites.map(({ name, bytesPerCall }) => ({ name, values: [bytesPerCall] }))
  return [{ title: "Bytes allocated per call", unit: "bytes", better: "lower", rows }]
}

function allocationOf(client: string, origin: string, calls: number): Promise<Allocation> {
  const ground = { origin, connections: GROWTH_CONCURRENCY, retries: false }
  return inFreshProcess(client, ground, (child) => child.ask("allocation", { calls }))
}

/** Measures what is still held after many calls; once, since it takes long and each client starts anew. */
export async function measureGrowth(
  clients: readonly string[],
  { origin, growthCalls: calls, tell }: Surroundings,
): Promise<ItemResult["measures"]> {
  const ground = { origin, connections: GROWTH_CONCURRENCY, retries: false }
  const sample = (client: string): Promise<Growth> =>
    inFreshProcess(client, ground, (child) => child.ask("growth", { calls, concurrency: GROWTH_CONCURRENCY }))
  const samples = await interleaved(clients, 1, sample, tell)
  return [
    { title: "Growth of the resident set", unit: "MB", better: "lower", rows: rowsOf(samples, "rssBytes", MEGABYTE) },
    { title: "Growth of the heap", unit: "MB", better: "lower", rows: rowsOf(samples, "heapBytes", MEGABYTE) },
  ]
}
