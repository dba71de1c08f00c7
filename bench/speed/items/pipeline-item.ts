import { Child } from "../child.ts"
import { BARE, type PipelineVariant } from "../measures/pipeline-variants.ts"
import type { ItemResult } from "../results.ts"
import { interleaved } from "../rounds.ts"
import type { PipelineTasks } from "../tasks.ts"
import type { Surroundings } from "./surroundings.ts"

/** Measures what the pipeline adds to a call that the transport answers at once. */
export async function measurePipeline(
  variants: readonly PipelineVariant[],
  { rounds, seconds, tell }: Pick<Surroundings, "rounds" | "seconds" | "tell">,
): Promise<ItemResult["measures"]> {
  using children = new PipelineChildren(seconds)
  const sample = (variant: string): Promise<number> => children.callUs(variant as PipelineVariant)
  const samples = await interleaved([BARE, ...variants], rounds, sample, tell)
  const bare = samples[0]?.values ?? []
  const rows = samples.slice(1).map(({ values, ...row }) => ({
    ...row,
    values: values.map((us, round) => us - (bare[round] ?? Number.NaN)),
  }))
  return [{ title: "CPU time added per call", unit: "µs", better: "lower", rows }]
}

class PipelineChildren implements Disposable {
  readonly #seconds: number
  readonly #children = new Map<PipelineVariant, Child<PipelineTasks>>()

  constructor(seconds: number) {
    this.#seconds = seconds
  }

  async callUs(variant: PipelineVariant): Promise<number> {
    const seconds = this.#seconds
    let child = this.#children.get(variant)
    if (child === undefined) {
      child = new Child("./pipeline-process.ts")
      this.#children.set(variant, child)
      await child.ask("callUs", { variant, seconds })
    }
    return child.ask("callUs", { variant, seconds })
  }

  [Symbol.dispose](): void {
    for (const child of this.#children.values()) child[Symbol.dispose]()
  }
}
