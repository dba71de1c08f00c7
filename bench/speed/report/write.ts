import { execFile } from "node:child_process"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { chart } from "./chart.ts"
import { document, type Report } from "./document.ts"

const FORMATTER = fileURLToPath(new URL("../../../node_modules/.bin/oxfmt", import.meta.url))

/** Writes the page, a chart per item and all numbers into a folder. */
export async function writeReport(report: Report, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const page = join(folder, "README.md")
  const numbers = join(folder, "results.json")
  await writeFile(page, document(report))
  await writeFile(numbers, JSON.stringify(report))
  for (const item of report.items) {
    const [first] = item.measures
    if (first !== undefined) await writeFile(join(folder, `${item.id}.svg`), chart(item, first))
  }
  await promisify(execFile)(FORMATTER, [page, numbers])
}
