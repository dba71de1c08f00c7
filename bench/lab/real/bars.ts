import { atLeast, atMost, percent, seconds, times, type Bar } from "../findings.ts"
import { calmSuccesses, type SpikeEnd } from "../simulation/spike.ts"
import { NO_RETRIES, OURS } from "./contenders.ts"
import { failureEnd, flaw, spikeEnd } from "./ends.ts"
import { FAILURES, failureRun, LOADS, OBSERVED_MS, spikeRun } from "./plan.ts"
import type { Run } from "./run.ts"
import type { FailureScene, SpikeScene } from "./scene.ts"

const LEAST_SUCCESS = 0.995

/** What the policies have to achieve on a real machine. */
export async function bars(runs: readonly Run[]): Promise<readonly Bar[]> {
  return [...(await spikeBars(runs)), ...failureBars(runs)]
}

/** How this spike ended. */
export async function endOfSpike(run: Run<SpikeScene>): Promise<SpikeEnd> {
  return spikeEnd(run, await calmSuccesses(run.scene, run.scene.seed))
}

async function spikeBars(runs: readonly Run[]): Promise<Bar[]> {
  const found: Bar[] = []
  for (const perSecond of LOADS) {
    const spike = `A: ${perSecond}→${2 * perSecond} calls/s`
    const alone = spikeRun(runs, NO_RETRIES, perSecond)
    const { recoveryS: without } = await endOfSpike(alone)
    // Where it is missed, the machine was disturbed or the server is not what it should be: the others then mean nothing.
    found.push(valid(atMost(`${spike}, no retries, recovery`, without, OBSERVED_MS / 2000, seconds), alone))
    for (const contender of OURS) {
      const own = spikeRun(runs, contender, perSecond)
      const { recoveryS, load } = await endOfSpike(own)
      const name = `${spike}, ${contender.name}`
      found.push(
        valid(atMost(`${name}, recovery`, recoveryS, 1.1 * without + 2, seconds), own),
        valid(atMost(`${name}, requests per call`, load, 1.05, times), own),
      )
    }
  }
  return found
}

function failureBars(runs: readonly Run[]): Bar[] {
  return OURS.flatMap((contender) => {
    const bar = (failures: keyof typeof FAILURES, judge: (name: string, run: Run<FailureScene>) => Bar): Bar => {
      const run = failureRun(runs, contender, FAILURES[failures])
      return valid(judge(`B: ${failures}, ${contender.name}`, run), run)
    }
    return [bar("10 % 503", success), bar("10 % reset", success), bar("100 % 503", cost)]
  })
}

function success(name: string, run: Run<FailureScene>): Bar {
  const least = leastSuccess(run.drive.begunMs.length)
  return atLeast(`${name}, success`, failureEnd(run).successShare, least, percent)
}

function cost(name: string, run: Run<FailureScene>): Bar {
  return atMost(`${name}, requests per call`, failureEnd(run).load, 1.15, times)
}

/** What a sample of so many calls may show when the share is at the limit in truth: two standard errors less. */
function leastSuccess(calls: number): number {
  return LEAST_SUCCESS - 2 * Math.sqrt((LEAST_SUCCESS * (1 - LEAST_SUCCESS)) / calls)
}

/** The bar, missed when the run that it rests on says nothing. */
function valid(bar: Bar, run: Run): Bar {
  const why = flaw(run)
  return why === undefined ? bar : { ...bar, measured: `invalid: ${why}`, isMet: false }
}
