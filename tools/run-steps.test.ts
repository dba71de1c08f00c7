import { expect, test } from "vitest"
import { runSteps, type StepEnd } from "./run-steps.ts"
import type { Step } from "./steps.ts"

const step = (name: string, ...after: string[]): Step => ({
  name,
  command: [name],
  after,
  kind: "check",
  isStatic: true,
})

const succeed = async ([name = ""]: readonly string[]) => ({ succeeded: true, output: name })

const names = (ends: readonly StepEnd[]): string[] => ends.map((end) => end.step.name)

test("a step starts only when those it comes after have succeeded", async () => {
  const ends = await runSteps([step("packing", "build"), step("build")], 2, succeed, () => {})
  expect(names(ends)).toEqual(["build", "packing"])
})

test("a step whose predecessor failed is not run and counts as failed", async () => {
  const commands: string[] = []
  const run = async ([name = ""]: readonly string[]) => {
    commands.push(name)
    return { succeeded: false, output: "broken" }
  }
  const ends = await runSteps([step("build"), step("packing", "build")], 2, run, () => {})
  expect(commands).toEqual(["build"])
  expect(ends.at(-1)).toMatchObject({ succeeded: false, output: 'not run: "build" did not succeed' })
})

test("a step after one that is not there counts as failed", async () => {
  const [end] = await runSteps([step("packing", "build")], 2, succeed, () => {})
  expect(end?.succeeded).toBe(false)
})

test("no more than the given number run at once, and all of them are told of", async () => {
  let running = 0
  let most = 0
  const run = async () => {
    running += 1
    most = Math.max(most, running)
    await Promise.resolve()
    running -= 1
    return { succeeded: true, output: "" }
  }
  const told: StepEnd[] = []
  await runSteps(
    ["a", "b", "c", "d", "e"].map((name) => step(name)),
    2,
    run,
    (end) => told.push(end),
  )
  expect(most).toBe(2)
  expect(names(told)).toEqual(["a", "b", "c", "d", "e"])
})
