import { spikeExperiment } from "./experiments/a-spike.ts"
import { failureExperiment } from "./experiments/b-failures.ts"
import { contentionExperiment } from "./experiments/c-contention.ts"
import { overloadExperiment } from "./experiments/d-overload.ts"
import { hedgingExperiment } from "./experiments/e-hedging.ts"
import { pacingExperiment } from "./experiments/f-pacing.ts"
import { outageExperiment } from "./experiments/outage.ts"
import type { Experiment } from "./findings.ts"

/** All of the lab's experiments, in the order of the report. */
export const experiments: readonly Experiment[] = [
  spikeExperiment,
  failureExperiment,
  contentionExperiment,
  overloadExperiment,
  hedgingExperiment,
  pacingExperiment,
  outageExperiment,
]
