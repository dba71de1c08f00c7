/**
 * Lets clients run for minutes against a server that fails on purpose, and looks whether anything is left behind. Exits with 1 when
 * a rule is broken. --minutes N (5), --at-once N (50), --seed N (1); --write updates docs/soak.md and its chart.
 */
import { writeFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { chart } from "./chart.ts"
import { page, ruleLines, sampleLine } from "./report.ts"
import { soak } from "./run.ts"
import { verdict } from "./verdict.ts"

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    "at-once": { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    write: { type: "boolean" },
  },
})

function number(name: "minutes" | "at-once" | "seed"): number {
  const value = Number(values[name])
  if (value > 0) return value
  throw new Error(`--${name} ${values[name]}: give a number above 0`)
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)
const task = { seconds: number("minutes") * 60, atOnce: number("at-once"), seed: number("seed") }
const account = await soak(task, (sample) => print(sampleLine(sample)))
const rules = verdict(account)
print(ruleLines(rules))
const failed = rules.filter(({ isMet }) => !isMet).length
print(`${rules.length - failed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1
if (values.write === true) {
  const docs = new URL("../../docs/", import.meta.url)
  await writeFile(new URL("soak.svg", docs), chart(account.samples))
  await writeFile(new URL("soak.md", docs), page(task, account, rules, new Date().toISOString().slice(0, 10)))
}
