import { perSecond as successesPerSecond } from "../experiments/a-spike.ts"
import { milliseconds, percent, seconds, type Chart, type Line, type Table } from "../findings.ts"
import type { FailureEnd } from "../simulation/failing.ts"
import type { SpikeEnd } from "../simulation/spike.ts"
import { endOfSpike } from "./bars.ts"
import { CONTENDERS } from "./contenders.ts"
import { failureEnd, flaw } from "./ends.ts"
import { FAILURES, failureRun, LOADS, OBSERVED_MS, spikeRun } from "./plan.ts"
import { predictedFailures, predictedSpike } from "./predictions.ts"
import type { Run } from "./run.ts"

/** How each client came through a spike of this load, beside what the simulation says. */
export async function spikeTable(runs: readonly Run[], perSecond: number): Promise<Table> {
  const rows: string[][] = []
  for (const contender of CONTENDERS) {
    const run = spikeRun(runs, contender, perSecond)
    const predicted = spikeCells(await predictedSpike(contender, run.scene))
    const measured = isValid(run) ? spikeCells(await endOfSpike(run)) : predicted.map(() => "invalid")
    rows.push([contender.name, ...measured, ...predicted])
  }
  const columns = ["recovery", "requests per call", "successes per call"]
  return {
    title: `A: ${perSecond}→${2 * perSecond} calls/s`,
    head: ["Client", ...columns, ...columns.map((column) => `simulated: ${column}`)],
    rows,
  }
}

function spikeCells({ recoveryS, load, successShare }: SpikeEnd): string[] {
  return [seconds(recoveryS), load.toFixed(2), percent(successShare)]
}

/** What failures cost and gained for each client, beside what the simulation says. */
export async function failureTable(runs: readonly Run[]): Promise<Table> {
  const rows: string[][] = []
  for (const contender of CONTENDERS) {
    const row = [contender.name]
    for (const scene of Object.values(FAILURES)) {
      const run = failureRun(runs, contender, scene)
      const simulated = await predictedFailures(contender, scene)
      row.push(isValid(run) ? `${failureCell(failureEnd(run))} (${failureCell(simulated)})` : "invalid")
    }
    rows.push(row)
  }
  return {
    title: "B: requests per call / calls that succeed, in brackets what the simulation says",
    head: ["Client", ...Object.keys(FAILURES)],
    rows,
  }
}

function failureCell({ load, successShare }: FailureEnd): string {
  return `${load.toFixed(2)} / ${(successShare * 100).toFixed(1)} %`
}

/** How busy each client's processes were in all of its runs, and how far behind its plan. */
export function loadTable(runs: readonly Run[]): Table {
  const most = (values: readonly number[]): number => Math.max(...values)
  return {
    title: "The busiest 5 s of the processes, in shares of a core, and how late 99 % of calls and replies were at most",
    head: ["Client", "client", "server", "calls late", "replies late", "invalid runs"],
    rows: CONTENDERS.map(({ name }) => {
      const own = runs.filter(({ contender }) => contender.name === name)
      const flaws = own.flatMap((run) => flaw(run) ?? [])
      return [
        name,
        percent(most(own.map(({ drive }) => drive.cpuShare))),
        percent(most(own.map(({ service }) => service.cpuShare))),
        milliseconds(most(own.map(({ drive }) => drive.lateMs))),
        milliseconds(most(own.map(({ service }) => service.lateMs))),
        flaws.length === 0 ? "none" : flaws.join("; "),
      ]
    }),
  }
}

/** Successes over time; one line stands for both of ours. */
export async function spikeCharts(runs: readonly Run[]): Promise<readonly Chart[]> {
  return await Promise.all(
    LOADS.map(async (perSecond) => {
      const lines: Line[] = []
      for (const contender of CONTENDERS.filter(({ name }) => name !== "steadfetch (undici)")) {
        const { successes } = await endOfSpike(spikeRun(runs, contender, perSecond))
        const points = successesPerSecond(successes, OBSERVED_MS)
        lines.push({ name: contender.name, isOurs: contender.isOurs, points })
      }
      return {
        file: `real-a-${perSecond}`,
        title: `Goodput on loopback: ${perSecond} calls/s, doubled from second 20 to 25`,
        x: "seconds",
        y: "successes per second",
        lines,
      }
    }),
  )
}

const isValid = (run: Run): boolean => flaw(run) === undefined
