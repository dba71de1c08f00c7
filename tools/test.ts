/** Runs every check and every test; ends with "N passed, N failed". With --only-static: the static checks alone. */
import { mkdir, readFile, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { root, runCommand } from "./run-command.ts"
import { runSteps, type StepEnd } from "./run-steps.ts"
import { resultFile, steps } from "./steps.ts"

interface Count {
  readonly passed: number
  readonly failed: number
}

/** A suite that reports no numbers, or no tests, or that failed outside of its tests, counts as one failure. */
async function count({ step, succeeded }: StepEnd): Promise<Count> {
  if (step.kind === "check") return succeeded ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
  const text = await readFile(join(root, resultFile(step.name)), "utf8").catch(() => "{}")
  const { numPassedTests: passed = 0, numFailedTests: failed = 0 } = JSON.parse(text) as Record<string, number>
  return { passed, failed: passed + failed === 0 || (!succeeded && failed === 0) ? failed + 1 : failed }
}

function tell({ step, succeeded, output, durationMs }: StepEnd): void {
  const seconds = (durationMs / 1000).toFixed(1).padStart(6)
  console.log(`${succeeded ? "ok    " : "FAILED"} ${seconds} s  ${step.name}`)
  if (!succeeded) console.log(output.trimEnd().replaceAll(/^/gm, "    "))
}

await rm(dirname(join(root, resultFile(""))), { recursive: true, force: true })
await mkdir(dirname(join(root, resultFile(""))), { recursive: true })
const chosen = process.argv.includes("--only-static") ? steps.filter((step) => step.isStatic) : steps
const ends = await runSteps(chosen, 2, runCommand, tell)
const counts = await Promise.all(ends.map(count))
const passed = counts.reduce((sum, one) => sum + one.passed, 0)
const failed = counts.reduce((sum, one) => sum + one.failed, 0)
console.log(`${passed} passed, ${failed} failed`)
if (failed > 0 || ends.some((end) => !end.succeeded)) process.exitCode = 1
