/**
 * Kills what enqueues, delivers and keeps, at random instants and under load, and looks whether anything is lost. Prints
 * "name measured required"; exits with 1 when a rule is broken.
 *
 * `npm run torture -- [--only sqlite|postgres|redis] [--instants N] [--seed N] [--write]`; --write updates docs/torture.md.
 */
import { writeFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { runCommand } from "../../tools/run-command.ts"
import { ruleLines } from "../soak/report.ts"
import { circumstances } from "../speed/report/machine.ts"
import { diskRules } from "./disk.ts"
import { INSTANTS_OF_ONE, plans } from "./plans.ts"
import { figures, page } from "./report.ts"
import { torture } from "./torture.ts"
import { verdict } from "./verdict.ts"

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    instants: { type: "string" },
    seed: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
  },
})

function whole(name: "instants" | "seed", value: string): number {
  if (/^[1-9]\d*$/.test(value)) return Number(value)
  throw new Error(`--${name} ${value}: give a whole number above 0`)
}

const seed = whole("seed", values.seed)
const instants = values.instants === undefined ? undefined : whole("instants", values.instants)
const chosen = plans(seed).filter(({ kind }) => values.only === undefined || kind === values.only)
if (chosen.length === 0) throw new Error(`--only ${values.only}: give sqlite, postgres or redis`)

const where = await circumstances([], [])
const results = []
for (const plan of chosen) {
  const outboxes = instants === undefined ? plan.outboxes : Math.ceil(instants / INSTANTS_OF_ONE)
  const account = await torture({
    ...plan,
    outboxes,
    instants: instants === undefined ? plan.instants : Math.min(instants, INSTANTS_OF_ONE),
  })
  const rules = verdict(account)
  process.stdout.write(`${figures([account])}\n${ruleLines(rules)}\n`)
  results.push({ account, rules })
}
const disk = await diskRules()
process.stdout.write(`${ruleLines(disk)}\n`)
if ([...disk, ...results.flatMap(({ rules }) => rules)].some(({ isMet }) => !isMet)) process.exitCode = 1
if (values.write) {
  const path = new URL("../../docs/torture.md", import.meta.url)
  await writeFile(path, page(where, seed, results, disk))
  await runCommand(["oxfmt", path.pathname])
}
