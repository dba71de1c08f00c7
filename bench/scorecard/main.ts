/**
 * Who survives which silent failure. Prints the table; with --write it writes docs/scorecard.md as well; with --check it
 * examines steadfetch alone and fails when it fails a row. --clients ky,got and --rows 3,4 examine a part.
 */
import { readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { candidates } from "./candidates.ts"
import { cases } from "./cases.ts"
import { document, grid, notes } from "./report.ts"
import { runAll, type Cell } from "./run.ts"

const { values } = parseArgs({
  options: {
    check: { type: "boolean" },
    write: { type: "boolean" },
    clients: { type: "string" },
    rows: { type: "string" },
  },
})
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const isOurs = (name: string): boolean => name.startsWith("steadfetch")
const wantedClients = known("--clients", values.clients, (wanted) =>
  candidates.some(({ name }) => name.includes(wanted)),
)
const wantedRows = known("--rows", values.rows, (wanted) => cases.some(({ row }) => String(row) === wanted))
const chosen = candidates
  .filter(({ name }) => values.check !== true || isOurs(name))
  .filter(({ name }) => wantedClients?.some((wanted) => name.includes(wanted)) ?? true)
const chosenCases = cases.filter(({ row }) => row === 0 || (wantedRows?.includes(String(row)) ?? true))
if (values.write === true && (chosen.length < candidates.length || chosenCases.length < cases.length)) {
  throw new Error("--write is for the whole card: leave out --check, --clients and --rows")
}

const cells = await runAll(chosen, chosenCases, (done, all) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${all} ${done === all ? "\n" : ""}`)
})
const isControl = ({ case: { row } }: Cell): boolean => row === 0
const broken = cells.filter((cell) => isControl(cell) && cell.finding.verdict !== "pass")
const counted = cells.filter((cell) => !isControl(cell))
const rows = chosenCases.filter(({ row }) => row > 0)

print(grid(counted, chosen, rows))
print(`\n${notes(counted)}`)
if (broken.length > 0) {
  print(`\nBroken adapters, whose rows say nothing:\n${notes(broken)}`)
  process.exitCode = 1
}
for (const { name } of chosen.filter(({ name }) => isOurs(name))) {
  const own = counted.filter(({ candidate }) => candidate.name === name)
  const rowsOf = (verdict: string): string =>
    own.flatMap(({ case: { row }, finding }) => (finding.verdict === verdict ? row : [])).join(", ") || "none"
  print(`\n${name}: passes ${rowsOf("pass")}; fails ${rowsOf("fail")}; not applicable ${rowsOf("n/a")}`)
  if (values.check === true && rowsOf("fail") !== "none") process.exitCode = 1
}
if (values.write === true && broken.length === 0) await write()

function known(option: string, given: string | undefined, isKnown: (wanted: string) => boolean): string[] | undefined {
  const wanted = given?.split(",")
  const unknown = wanted?.find((each) => !isKnown(each))
  if (unknown === undefined) return wanted
  throw new Error(`${option}: there is no ${unknown}; see candidates.ts and cases.ts`)
}

async function write(): Promise<void> {
  const versions: Record<string, string> = {}
  for (const name of new Set(candidates.flatMap(({ packages }) => packages))) versions[name] = await versionOf(name)
  const occasion = { day: new Date().toISOString().slice(0, 10), node: process.versions.node, versions }
  await writeFile(new URL("../../docs/scorecard.md", import.meta.url), document(counted, chosen, rows, occasion))
}

/** What is installed of a package, also where its exports hide its package.json. */
async function versionOf(name: string): Promise<string> {
  const place = fileURLToPath(new URL(`../../node_modules/${name}/package.json`, import.meta.url))
  const { version }: { version: string } = JSON.parse(await readFile(place, "utf8"))
  return version
}
