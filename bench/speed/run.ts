import { barClients, bars, type Bar } from "./bars.ts"
import { Child } from "./child.ts"
import { BAR_ITEMS, items } from "./items/items.ts"
import { measureLoad } from "./items/load-item.ts"
import { measurePipeline } from "./items/pipeline-item.ts"
import type { Surroundings } from "./items/surroundings.ts"
import { STANDARD } from "./measures/pipeline-variants.ts"
import type { Options } from "./options.ts"
import type { ItemResult } from "./results.ts"
import type { ServerTasks } from "./tasks.ts"

/** Measures the chosen items, or all. */
export async function measureItems(options: Options, tell: (text: string) => void): Promise<ItemResult[]> {
  using server = new Child<ServerTasks>("./server/server-process.ts")
  const surroundings = await around(server, options, tell)
  const results: ItemResult[] = []
  for (const { measure, about, ...item } of items) {
    if (options.only.length > 0 && !options.only.includes(item.id)) continue
    tell(`${item.id}: ${item.title}`)
    results.push({ ...item, about: about(options), measures: await measure(surroundings) })
  }
  return results
}

/** Measures what the bars need and nothing else. */
export async function measureBars(options: Options, tell: (text: string) => void): Promise<Bar[]> {
  using server = new Child<ServerTasks>("./server/server-process.ts")
  const surroundings = await around(server, options, tell)
  const work = { kind: "get", concurrency: 50, retries: false } as const
  tell("small JSON, GET, 50 at once")
  const [load] = await measureLoad(work, barClients, surroundings)
  tell("the pipeline alone")
  const [pipeline] = await measurePipeline([STANDARD], surroundings)
  return load === undefined || pipeline === undefined ? [] : bars(load, pipeline)
}

/** The bars, judged by what was measured anyway; none when their items are not among it. */
export function barsOf(results: readonly ItemResult[]): Bar[] {
  const measureOf = (wanted: string) => results.find(({ id }) => id === wanted)?.measures[0]
  const load = measureOf(BAR_ITEMS.load)
  const pipeline = measureOf(BAR_ITEMS.pipeline)
  return load === undefined || pipeline === undefined ? [] : bars(load, pipeline)
}

async function around(
  server: Child<ServerTasks>,
  options: Options,
  tell: (text: string) => void,
): Promise<Surroundings> {
  const { rounds, seconds, crowdCalls, growthCalls } = options
  return { origin: await server.ask("listen"), server, rounds, seconds, crowdCalls, growthCalls, tell }
}
