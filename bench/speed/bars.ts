import { STANDARD } from "./measures/pipeline-variants.ts"
import type { Measure } from "./results.ts"
import { median, ratio } from "./statistics.ts"

/** A promise about speed, as it was measured. */
export interface Bar {
  readonly name: string
  readonly measured: string
  readonly required: string
  readonly isMet: boolean
}

interface Comparison {
  readonly ours: string
  /** The best of these counts. */
  readonly others: readonly string[]
  readonly least: number
}

const comparisons: readonly Comparison[] = [
  { ours: "steadfetch on undici", others: ["undici.request"], least: 1.4 },
  { ours: "steadfetch on undici", others: ["undici dispatch"], least: 0.8 },
  { ours: "steadfetch on undici", others: ["ky", "got", "axios"], least: 6 },
  { ours: "steadfetch on fetch", others: ["global fetch"], least: 0.95 },
]

/** The most that the standard preset may add to a call. */
const MOST_PIPELINE_US = 3

/** Whose numbers the bars need. */
export const barClients: readonly string[] = [...new Set(comparisons.flatMap(({ ours, others }) => [ours, ...others]))]

/** Judges calls per second of small JSON, GET, 50 at once, and the time that the pipeline adds. */
export function bars(load: Measure, pipeline: Measure): Bar[] {
  const added = median(valuesOf(pipeline, STANDARD))
  return [
    ...comparisons.map((comparison) => compared(comparison, load)),
    {
      name: "pipeline, standard preset, added per call",
      measured: `${added.toFixed(2)} µs`,
      required: `≤ ${MOST_PIPELINE_US} µs`,
      isMet: added <= MOST_PIPELINE_US,
    },
  ]
}

function compared({ ours, others, least }: Comparison, load: Measure): Bar {
  const own = valuesOf(load, ours)
  // Who could not be measured was not beaten.
  const measured = Math.min(...others.map((other) => ratio(own, valuesOf(load, other))))
  return {
    name: `${ours} ÷ ${others.length > 1 ? `the best of ${others.join(", ")}` : others.join()}`,
    measured: `${measured.toFixed(2)} ×`,
    required: `≥ ${least} ×`,
    isMet: measured >= least,
  }
}

function valuesOf(measure: Measure, name: string): readonly number[] {
  const row = measure.rows.find((row) => row.name === name)
  return row === undefined || row.failure !== undefined ? [] : row.values
}
