import type { CommandEnd } from "./run-command.ts"
import type { Step } from "./steps.ts"

export interface StepEnd extends CommandEnd {
  readonly step: Step
  readonly durationMs: number
}

type Run = (command: readonly string[]) => Promise<CommandEnd>

/**
 * Runs the steps, at most `width` at once, each after those it names; tells of each as it ends.
 * A step whose predecessor failed, or is not among the steps, is not run and counts as failed.
 */
export async function runSteps(
  steps: readonly Step[],
  width: number,
  run: Run,
  ended: (end: StepEnd) => void,
): Promise<StepEnd[]> {
  const waiting = [...steps]
  const running = new Map<Step, Promise<void>>()
  const ends: StepEnd[] = []
  const finish = (end: StepEnd): void => {
    ends.push(end)
    ended(end)
  }

  const start = async (step: Step): Promise<void> => {
    const startedMs = performance.now()
    const end = await run(step.command)
    running.delete(step)
    finish({ ...end, step, durationMs: performance.now() - startedMs })
  }

  for (;;) {
    const isPending = (name: string): boolean => [...waiting, ...running.keys()].some((step) => step.name === name)
    const ready = waiting.find((step) => !step.after.some(isPending))
    if (ready === undefined || running.size >= width) {
      if (running.size === 0) return ends
      await Promise.race(running.values())
      continue
    }
    waiting.splice(waiting.indexOf(ready), 1)
    const missing = ready.after.find((name) => !ends.some((end) => end.succeeded && end.step.name === name))
    if (missing === undefined) running.set(ready, start(ready))
    else finish({ step: ready, succeeded: false, output: `not run: "${missing}" did not succeed`, durationMs: 0 })
  }
}
