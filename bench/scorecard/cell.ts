/** One client in one case, in a process of its own: started by run.ts with the client's name and the row's number. */
import { candidates } from "./candidates.ts"
import { notApplicable, type Case, type Finding } from "./case.ts"
import { cases } from "./cases.ts"
import type { Candidate } from "./client.ts"

const [, , name, row] = process.argv
const candidate = candidates.find((candidate) => candidate.name === name)
const chosen = cases.find((each) => String(each.row) === row)
if (candidate === undefined || chosen === undefined) throw new Error(`no client ${name}, or no row ${row}`)
const finding = await examine(candidate, chosen)
// Whatever a client still holds open must not keep the process.
process.send?.(finding, () => process.exit())

async function examine({ lacks, load }: Candidate, { needs = [], excuses, observe }: Case): Promise<Finding> {
  const missing = needs.find((feature) => lacks[feature] !== undefined)
  if (missing !== undefined) return notApplicable(lacks[missing] ?? missing)
  const found = await observe(await load())
  const excuse = excuses && lacks[excuses]
  return excuse !== undefined && found.verdict === "fail" ? notApplicable(`${excuse} (${found.seen})`) : found
}
