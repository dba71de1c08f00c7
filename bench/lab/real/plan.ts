import { CONTENDERS, NO_RETRIES, OURS, type Contender } from "./contenders.ts"
import type { Job, Run } from "./run.ts"
import type { FailureScene, Scene, SpikeScene } from "./scene.ts"

/** As in the simulation. */
export const LOADS: readonly number[] = [40, 55]
/** Shorter than in the simulation: what has not come back by then does not. */
export const OBSERVED_MS = 40_000
const SEEDS: readonly number[] = [1, 2]

const CALLS = { kind: "failures", perSecond: 50, untilMs: 20_000, seed: 1 } as const

/** What failures the report shows, by its heading. */
export const FAILURES = {
  "10 % 503": { ...CALLS, failureShare: 0.1, by: "503" },
  "50 % 503": { ...CALLS, failureShare: 0.5, by: "503" },
  "100 % 503": { ...CALLS, failureShare: 1, by: "503" },
  "10 % reset": { ...CALLS, failureShare: 0.1, by: "reset" },
} as const satisfies Record<string, FailureScene>

const spike = (perSecond: number, seed: number): SpikeScene => ({
  kind: "spike",
  perSecond,
  observedMs: OBSERVED_MS,
  seed,
})

const everyone = (contenders: readonly Contender[], scene: Scene): Job[] =>
  contenders.map((contender) => ({ contender, scene }))

/** All clients in all scenes; what stands together runs together. */
export function wholePlan(): readonly (readonly Job[])[] {
  const spikes = SEEDS.flatMap((seed) => LOADS.map((perSecond) => spike(perSecond, seed)))
  return [...spikes, ...Object.values(FAILURES)].map((scene) => everyone(CONTENDERS, scene))
}

/** What the bars need. */
export function barPlan(): readonly (readonly Job[])[] {
  const { "10 % 503": some, "100 % 503": all, "10 % reset": resets } = FAILURES
  return [
    LOADS.flatMap((perSecond) => everyone([NO_RETRIES, ...OURS], spike(perSecond, 1))),
    [some, all, resets].flatMap((scene) => everyone(OURS, scene)),
  ]
}

/** A contender's runs of a spike of this load. */
export function spikeRuns(runs: readonly Run[], { name }: Contender, perSecond: number): readonly Run<SpikeScene>[] {
  return runs.filter(isSpike).filter(({ contender, scene }) => contender.name === name && scene.perSecond === perSecond)
}

/** A contender's run with these failures. @throws Error when there is none. */
export function failureRun(runs: readonly Run[], { name }: Contender, scene: FailureScene): Run<FailureScene> {
  const found = runs.filter(isFailures).find((run) => run.scene === scene && run.contender.name === name)
  if (found === undefined) throw new Error(`${name} has not run with these failures: ${JSON.stringify(scene)}`)
  return found
}

const isSpike = (run: Run): run is Run<SpikeScene> => run.scene.kind === "spike"
const isFailures = (run: Run): run is Run<FailureScene> => run.scene.kind === "failures"
