import type { ItemResult } from "../results.ts"
import { interleaved } from "../rounds.ts"
import { ClientChildren } from "./client-children.ts"
import { rowsOf } from "./load-item.ts"
import type { Surroundings } from "./surroundings.ts"

/** Measures how long it takes to make a client. */
export async function measureCreation(
  clients: readonly string[],
  { origin, rounds, seconds, tell }: Surroundings,
): Promise<ItemResult["measures"]> {
  using children = new ClientChildren({ origin, connections: 1, retries: false }, (child) =>
    child.ask("create", { seconds }),
  )
  const sample = async (client: string): Promise<{ us: number }> => {
    const child = await children.get(client)
    return { us: await child.ask("create", { seconds }) }
  }
  const samples = await interleaved(clients, rounds, sample, tell)
  return [{ title: "Time per client made", unit: "µs", better: "lower", rows: rowsOf(samples, "us") }]
}
