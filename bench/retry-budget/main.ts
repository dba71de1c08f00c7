/**
 * The experiments that the retry budget's numbers stand on. Prints the tables; with --check only the bars, failing when
 * one is missed; with --write it updates docs/retry-budget.md as well.
 */
import { writeFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { bars } from "./bars.ts"
import { barLines, document, markdown } from "./report.ts"
import { edgeTable, failureTable, fewCallsTable, longRunTable, oneCallTable, spikeTable } from "./tables.ts"

const { values } = parseArgs({ options: { check: { type: "boolean" }, write: { type: "boolean" } } })
const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const measured = await bars()
print(barLines(measured))
if (measured.some(({ isMet }) => !isMet)) process.exitCode = 1
if (values.check !== true) {
  const tables = []
  for (const table of [spikeTable, edgeTable, failureTable, longRunTable, fewCallsTable, oneCallTable]) {
    const filled = await table()
    print(`\n${markdown(filled)}`)
    tables.push(filled)
  }
  if (values.write === true) {
    const page = new URL("../../docs/retry-budget.md", import.meta.url)
    await writeFile(page, document(measured, tables, new Date().toISOString().slice(0, 10)))
  }
}
