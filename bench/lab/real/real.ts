import { writeFile } from "node:fs/promises"
import { circumstances } from "../../speed/report/machine.ts"
import { percent, type Bar } from "../findings.ts"
import { drawing } from "../report/chart.ts"
import { barLines, table } from "../report/markdown.ts"
import { bars } from "./bars.ts"
import { candidateOf, CONTENDERS } from "./contenders.ts"
import { flaw } from "./ends.ts"
import { failureTable, loadTable, spikeCharts, spikeTable } from "./findings.ts"
import { page, type Shown } from "./page.ts"
import { barPlan, LOADS, wholePlan } from "./plan.ts"
import { runTogether, type Job, type Run } from "./run.ts"

type Print = (text: string) => void

/** Runs what the bars need, and judges it. */
export async function checkReal(print: Print): Promise<readonly Bar[]> {
  const measured = await bars(await runAll(barPlan(), print))
  print(barLines(measured))
  return measured
}

/** Runs everything and writes docs/lab/real.md. */
export async function writeReal(print: Print): Promise<readonly Bar[]> {
  const packages = CONTENDERS.flatMap(({ candidate }) => candidateOf(candidate).packages)
  const where = await circumstances([], packages)
  const runs = await runAll(wholePlan(), print)
  const shown: Shown = {
    circumstances: where,
    bars: await bars(runs),
    spikes: await Promise.all(LOADS.map((perSecond) => spikeTable(runs, perSecond))),
    charts: await spikeCharts(runs),
    failures: await failureTable(runs),
    load: loadTable(runs),
  }
  print(barLines(shown.bars))
  for (const each of [...shown.spikes, shown.failures, shown.load]) print(`\n${table(each)}`)
  const folder = new URL("../../../docs/lab/", import.meta.url)
  await writeFile(new URL("real.md", folder), page(shown))
  for (const chart of shown.charts) await writeFile(new URL(`${chart.file}.svg`, folder), drawing(chart))
  return shown.bars
}

async function runAll(plan: readonly (readonly Job[])[], print: Print): Promise<Run[]> {
  const runs: Run[] = []
  for (const [index, jobs] of plan.entries()) {
    const tell = (runs: readonly Run[]): void => print(`${index + 1} of ${plan.length}: ${runs.map(noted).join(", ")}`)
    runs.push(...(await runTwiceIfDisturbed(jobs, tell)))
  }
  return runs
}

/** Other work on the machine is nothing to judge a client by: what it disturbed gets one more chance. */
async function runTwiceIfDisturbed(jobs: readonly Job[], tell: (runs: readonly Run[]) => void): Promise<Run[]> {
  const first = await runTogether(jobs)
  tell(first)
  if (first.every((run) => flaw(run) === undefined)) return first
  const second = await runTogether(jobs)
  tell(second)
  return second
}

function noted(run: Run): string {
  const { contender, drive, service } = run
  const shares = `${percent(drive.cpuShare)} + ${percent(service.cpuShare)} of a core`
  const why = flaw(run)
  return `${contender.name} ${shares}${why === undefined ? "" : ` INVALID: ${why}`}`
}
