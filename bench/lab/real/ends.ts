import { percent } from "../findings.ts"
import type { FailureEnd } from "../simulation/failing.ts"
import { recoveryMs, SPIKE, type SpikeEnd } from "../simulation/spike.ts"
import type { Run } from "./run.ts"
import { lastCallMs, type FailureScene, type SpikeScene } from "./scene.ts"

/** A process that is busier than this may have been slow for its own reasons. */
export const MOST_CPU_SHARE = 0.5
/** A plan that is behind by more is no open-loop load any more. */
export const MOST_LATE_MS = 50

/** What a spike did; counted as in the simulation. @param calm The instants of the same calls' successes without a spike. */
export function spikeEnd({ scene, drive, service }: Run<SpikeScene>, calm: readonly number[]): SpikeEnd {
  const isCounted = (instantMs: number): boolean => instantMs >= SPIKE.beginsMs && instantMs < lastCallMs(scene)
  const calls = drive.begunMs.filter(isCounted).length
  const received = service.receivedAt.filter((date) => isCounted(date - drive.startDate)).length
  return {
    recoveryS: recoveryMs(drive.succeededMs, calm, scene.observedMs) / 1000,
    load: received / calls,
    successShare: drive.succeededMs.filter(isCounted).length / calls,
    successes: drive.succeededMs,
  }
}

/** What failures did. */
export function failureEnd({ drive, service }: Run<FailureScene>): FailureEnd {
  const calls = drive.begunMs.length
  return { load: service.receivedAt.length / calls, successShare: drive.succeededMs.length / calls }
}

/** Why the run's numbers say nothing; undefined when they count. */
export function flaw({ scene, drive, service }: Run): string | undefined {
  if (drive.cpuShare > MOST_CPU_SHARE) return `the client used ${percent(drive.cpuShare)} of a core`
  if (service.cpuShare > MOST_CPU_SHARE) return `the server used ${percent(service.cpuShare)} of a core`
  if (drive.lateMs > MOST_LATE_MS) return `calls began up to ${drive.lateMs.toFixed(0)} ms late`
  if (service.lateMs > MOST_LATE_MS) return `replies went out up to ${service.lateMs.toFixed(0)} ms late`
  if (scene.kind === "failures" && drive.open > 0) return `${drive.open} calls have not ended`
  return undefined
}
