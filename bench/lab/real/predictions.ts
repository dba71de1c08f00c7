import { failures, type FailureEnd } from "../simulation/failing.ts"
import { spikes, type SpikeEnd } from "../simulation/spike.ts"
import type { Contender } from "./contenders.ts"
import type { FailureScene, SpikeScene } from "./scene.ts"

/** How the simulation says that these spikes end: the same calls, to the instant. */
export async function predictedSpikes(
  { simulatedSpike }: Contender,
  scenes: readonly SpikeScene[],
): Promise<readonly SpikeEnd[]> {
  const ends = scenes.map(async (scene) => spikes({ ...scene, clients: 1, lineup: simulatedSpike }, [scene.seed]))
  return (await Promise.all(ends)).flat()
}

/** What the simulation says that these failures do, in as many calls. */
export function predictedFailures({ simulatedFailures }: Contender, scene: FailureScene): Promise<FailureEnd> {
  const { failureShare, perSecond, untilMs, seed } = scene
  return failures({ failureShare, perSecond, untilMs, clients: 1, lineup: simulatedFailures }, seed)
}
