import type { CallKind } from "../call-kinds.ts"
import type { ItemResult, Row } from "../results.ts"
import { interleaved, type Samples } from "../rounds.ts"
import { ClientChildren } from "./client-children.ts"
import type { Surroundings } from "./surroundings.ts"

/** Calls of one kind, so many at once, as fast as a client can. */
export interface LoadWork {
  readonly kind: CallKind
  readonly concurrency: number
  readonly retries: boolean
}

interface LoadSample {
  readonly callsPerSecond: number
  readonly cpuUsPerCall: number
  readonly serverPercent: number
}

/** How much longer than a sample the warm-up is. */
const WARM_UP = 3

/** Measures this work by every client: calls per second, and CPU time per call, which noise disturbs less. */
export async function measureLoad(
  work: LoadWork,
  clients: readonly string[],
  surroundings: Surroundings,
): Promise<ItemResult["measures"]> {
  const { origin, server, rounds, seconds, tell } = surroundings
  const { kind, concurrency, retries } = work
  using children = new ClientChildren({ origin, connections: concurrency, retries }, (child) =>
    child.ask("load", { kind, concurrency, seconds: seconds * WARM_UP }),
  )
  const sample = async (client: string): Promise<LoadSample> => {
    const child = await children.get(client)
    const cpuBefore = await server.ask("cpuUs")
    const { calls, elapsedMs, cpuUs } = await child.ask("load", { kind, concurrency, seconds })
    const serverUs = (await server.ask("cpuUs")) - cpuBefore
    return {
      callsPerSecond: (calls * 1000) / elapsedMs,
      cpuUsPerCall: cpuUs / calls,
      serverPercent: serverUs / elapsedMs / 10,
    }
  }
  const samples = await interleaved(clients, rounds, sample, tell)
  return [
    { title: "Calls per second", unit: "calls/s", better: "higher", rows: rowsOf(samples, "callsPerSecond") },
    { title: "CPU time per call", unit: "µs", better: "lower", rows: rowsOf(samples, "cpuUsPerCall") },
    { title: "Server's share of a core", unit: "%", better: "lower", rows: rowsOf(samples, "serverPercent") },
  ]
}

/** One field of all samples, as rows. */
export function rowsOf<K extends string>(samples: readonly Samples<Record<K, number>>[], field: K, scale = 1): Row[] {
  return samples.map(({ name, values, failure }) => ({
    name,
    values: values.map((value) => value[field] / scale),
    failure,
  }))
}
