/**
 * What an outbox costs beside what it stands on, and what an outage does to an API behind one. Prints "name measured
 * required", and writes docs/bench/outbox.md; --check writes nothing and exits with 1 when something is not met; --quick
 * tries it out with small sizes, and writes nothing.
 */
import { writeFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { runCommand } from "../../tools/run-command.ts"
import { ruleLines } from "../soak/report.ts"
import { circumstances } from "../speed/report/machine.ts"
import { measureFleets } from "./fleet.ts"
import { playOutage } from "./outage.ts"
import { SIX_HOURS } from "./plans.ts"
import { outageChart, page } from "./report.ts"
import { rulesOf, type Measured } from "./rules.ts"
import { measureScale } from "./scale.ts"
import { FULL, QUICK, type Sizes } from "./sizes.ts"
import { measureThroughput, type Throughput } from "./throughput.ts"

const { values } = parseArgs({ options: { check: { type: "boolean" }, quick: { type: "boolean" } } })
const sizes = values.quick === true ? QUICK : FULL

const where = await circumstances([], [])
const measured = await measure(sizes)
const rules = rulesOf(measured)
process.stdout.write(`${ruleLines(rules)}\n`)
if (values.check === true) process.exitCode = rules.every(({ isMet }) => isMet) ? 0 : 1
else if (values.quick === true) process.stdout.write(`\n${page(where, sizes, measured, rules)}`)
else {
  const folder = new URL("../../docs/bench/", import.meta.url)
  await writeFile(new URL("outbox-outage.svg", folder), outageChart(measured.outage))
  await writeFile(new URL("outbox.md", folder), page(where, sizes, measured, rules))
  await runCommand(["oxfmt", new URL("outbox.md", folder).pathname])
}

async function measure({ rounds, entries, fleets, waiting, scaleRounds }: Sizes): Promise<Measured> {
  const throughputs: Throughput[] = []
  // The first round warms up, and does not count.
  for (let round = 0; round <= rounds; round++) throughputs.push(await measureThroughput(entries))
  return {
    throughputs: throughputs.slice(1),
    fleets: await measureFleets(fleets),
    scales: await measureScale(waiting, scaleRounds),
    outage: await playOutage(SIX_HOURS),
  }
}
