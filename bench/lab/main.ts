/**
 * The lab. Runs all experiments and writes docs/lab/; with --check only the bars, exiting with 1 when one is missed; with
 * --only A,B only those experiments, which are printed and not written. With --real it runs A and B with real clients on
 * loopback and writes docs/lab/real.md; with --real --check only what the bars need.
 */
import { mkdir, writeFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { budgetPage } from "./budget/page.ts"
import { experiments } from "./experiments.ts"
import type { Bar, Experiment } from "./findings.ts"
import { checkReal, writeReal } from "./real/real.ts"
import { drawing } from "./report/chart.ts"
import { barLines, document, section, type Section } from "./report/markdown.ts"

const { values } = parseArgs({
  options: { check: { type: "boolean" }, only: { type: "string" }, real: { type: "boolean" } },
})

const print = (text: string): void => void process.stdout.write(`${text}\n`)

function chosen(only: string | undefined): readonly Experiment[] {
  if (only === undefined) return experiments
  return only.split(",").map((id) => {
    const experiment = experiments.find((each) => each.id.toLowerCase() === id.trim().toLowerCase())
    if (experiment === undefined) {
      throw new Error(
        `--only ${id}: there is no such experiment; give some of ${experiments.map((each) => each.id).join(",")}`,
      )
    }
    return experiment
  })
}

const bars = await measure()
if (bars.some(({ isMet }) => !isMet)) process.exitCode = 1

async function measure(): Promise<readonly Bar[]> {
  if (values.real !== true) return simulate()
  if (values.only !== undefined) throw new Error("--real is A and B, both: leave out --only")
  return values.check === true ? checkReal(print) : writeReal(print)
}

async function simulate(): Promise<readonly Bar[]> {
  const bars: Bar[] = []
  const sections: Section[] = []
  for (const experiment of chosen(values.only)) {
    const measured = await experiment.bars()
    bars.push(...measured)
    print(barLines(measured))
    if (values.check === true) continue
    const { id, title, text } = experiment
    const found: Section = { id, title, text, ...(await experiment.findings()) }
    sections.push(found)
    print(`\n${section(found)}\n`)
  }
  if (values.check !== true && values.only === undefined) await write(bars, sections)
  return bars
}

async function write(bars: readonly Bar[], sections: readonly Section[]): Promise<void> {
  const folder = new URL("../../docs/lab/", import.meta.url)
  const day = new Date().toISOString().slice(0, 10)
  const save = (name: string, text: string): Promise<void> => writeFile(new URL(name, folder), text)
  await mkdir(folder, { recursive: true })
  await save("README.md", document(bars, sections, day))
  await save("retry-budget.md", await budgetPage(day))
  await save("results.json", `${JSON.stringify({ day, bars, experiments: sections.map(numbers) })}\n`)
  for (const chart of sections.flatMap(({ charts }) => charts)) await save(`${chart.file}.svg`, drawing(chart))
}

function numbers({ id, title, tables, charts }: Section) {
  return { id, title, tables, charts }
}
