import { failures, type FailureEnd } from "../simulation/failing.ts"
import { spikes, type SpikeEnd } from "../simulation/spike.ts"
import type { Contender } from "./contenders.ts"
import type { FailureScene, SpikeScene } from "./scene.ts"

/** How the simulation says that a spike ends, with the same calls to the instant. */
export async function predictedSpike({ simulatedSpike }: Contender, scene: SpikeScene): Promise<SpikeEnd> {
  const [end] = await spikes({ ...scene, clients: 1, lineup: simulatedSpike }, [scene.seed])
  if (end === undefined) throw new Error("one seed gives one end")
  return end
}

/** What the simulation says that these failures do, in as many calls. */
export function predictedFailures({ simulatedFailures }: Contender, scene: FailureScene): Promise<FailureEnd> {
  const { failureShare, perSecond, untilMs, seed } = scene
  return failures({ failureShare, perSecond, untilMs, clients: 1, lineup: simulatedFailures }, seed)
}
