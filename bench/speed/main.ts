/**
 * How fast every client is at the same work, in one run. Prints tables and writes the report into docs/bench; with
 * --check it measures the bars alone and fails when one is missed; with --only ID it measures that work and prints it.
 */
import { clients } from "./clients/clients.ts"
import { parseOptions, type Options } from "./options.ts"
import { barLines } from "./report/document.ts"
import { circumstances } from "./report/machine.ts"
import { itemTable } from "./report/table.ts"
import { writeReport } from "./report/write.ts"
import { barsOf, measureBars, measureItems } from "./run.ts"

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}
const tell = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

const args = process.argv.slice(2)
const options = understood(args)
const where = await circumstances(
  args,
  clients.flatMap(({ packages }) => packages),
)
const items = options.check ? [] : await measureItems(options, tell)
const bars = options.check ? await measureBars(options, tell) : barsOf(items)

for (const item of items) print(`\n${item.title}\n\n${itemTable(item)}`)
if (bars.length > 0) print(`\n${barLines(bars)}`)
if (options.into !== undefined) await writeReport({ circumstances: where, bars, items }, options.into)
const hasFailed = items.some(({ measures }) =>
  measures.some(({ rows }) => rows.some(({ failure }) => failure !== undefined)),
)
if (hasFailed || bars.some(({ isMet }) => !isMet)) process.exitCode = 1

function understood(args: readonly string[]): Options {
  try {
    return parseOptions(args)
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error))
    return process.exit(2)
  }
}
