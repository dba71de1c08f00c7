import { CONTENDERS, NO_RETRIES, OURS, type Contender } from "./contenders.ts"
import type { Job, Run } from "./run.ts"
import type { FailureScene, Scene, SpikeScene } from "./scene.ts"

/** As in the simulation. */
export const LOADS: readonly number[] = [40, 55]
/** Shorter than in the simulation: what has not come back by then does not. */
export const OBSERVED_MS = 40_000
/** Of the simulation's seven sequences of calls the only one in which a spike from 40 calls/s does harm. */
const SPIKE_SEED = 3

/** Four clients with their servers leave a machine of two cores half idle. */
const AT_ONCE = 4

const CALLS = { kind: "failures", perSecond: 50, untilMs: 20_000, seed: 1 } as const

/** What failures the report shows, by its heading. */
export const FAILURES = {
  "10 % 503": { ...CALLS, failureShare: 0.1, by: "503" },
  "50 % 503": { ...CALLS, failureShare: 0.5, by: "503" },
  "100 % 503": { ...CALLS, failureShare: 1, by: "503" },
  "10 % reset": { ...CALLS, failureShare: 0.1, by: "reset" },
} as const satisfies Record<string, FailureScene>

const spike = (perSecond: number): SpikeScene => ({
  kind: "spike",
  perSecond,
  observedMs: OBSERVED_MS,
  seed: SPIKE_SEED,
})

const everyone = (contenders: readonly Contender[], scene: Scene): Job[] =>
  contenders.map((contender) => ({ contender, scene }))

/** All clients in all scenes; what stands together runs together. */
export function wholePlan(): readonly (readonly Job[])[] {
  const spikes = LOADS.flatMap((perSecond) => [
    everyone(CONTENDERS.slice(0, AT_ONCE), spike(perSecond)),
    everyone(CONTENDERS.slice(AT_ONCE), spike(perSecond)),
  ])
  // What failures cost and gain does not depend on how long anything takes.
  return [...spikes, ...Object.values(FAILURES).map((scene) => everyone(CONTENDERS, scene))]
}

/** What the bars need. */
export function barPlan(): readonly (readonly Job[])[] {
  const { "10 % 503": some, "100 % 503": all, "10 % reset": resets } = FAILURES
  return [
    LOADS.flatMap((perSecond) => everyone([NO_RETRIES, ...OURS], spike(perSecond))),
    [some, all, resets].flatMap((scene) => everyone(OURS, scene)),
  ]
}

/** A contender's run of a spike of this load. @throws Error when there is none. */
export function spikeRun(runs: readonly Run[], contender: Contender, perSecond: number): Run<SpikeScene> {
  return only(
    runs.filter(isSpike).filter(({ scene }) => scene.perSecond === perSecond),
    contender,
  )
}

/** A contender's run with these failures. @throws Error when there is none. */
export function failureRun(runs: readonly Run[], contender: Contender, scene: FailureScene): Run<FailureScene> {
  return only(
    runs.filter(isFailures).filter((run) => run.scene === scene),
    contender,
  )
}

function only<S extends Scene>(runs: readonly Run<S>[], { name }: Contender): Run<S> {
  const found = runs.find(({ contender }) => contender.name === name)
  if (found === undefined) throw new Error(`${name} has not run in this scene`)
  return found
}

const isSpike = (run: Run): run is Run<SpikeScene> => run.scene.kind === "spike"
const isFailures = (run: Run): run is Run<FailureScene> => run.scene.kind === "failures"
