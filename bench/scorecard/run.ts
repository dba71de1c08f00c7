import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { fail, type Case, type Finding } from "./case.ts"
import type { Candidate } from "./client.ts"

const CELL = fileURLToPath(new URL("./cell.ts", import.meta.url))
/** Far above what any case takes: the end of a client that blocks or crashes its process. */
const LIMIT_MS = 60_000

/** One client's finding in one case. */
export interface Cell {
  readonly candidate: Candidate
  readonly case: Case
  readonly finding: Finding
}

/** Examines each client in each case, so many at a time. What fails is seen to fail twice. */
export async function runAll(
  candidates: readonly Candidate[],
  cases: readonly Case[],
  atOnce: number,
  tell: (done: number, all: number) => void,
): Promise<Cell[]> {
  const pairs = cases.flatMap((each) => candidates.map((candidate) => ({ candidate, case: each })))
  const cells: Cell[] = []
  const left = pairs.entries()
  const found: Finding[] = []
  const work = async (): Promise<void> => {
    for (const [index, { candidate, case: each }] of left) {
      const once = await runCell(candidate, each)
      found[index] = once.verdict === "fail" ? await runCell(candidate, each) : once
      tell(Object.keys(found).length, pairs.length)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  for (const [index, pair] of pairs.entries()) cells.push({ ...pair, finding: found[index] ?? fail("not examined") })
  return cells
}

function runCell({ name }: Candidate, { row }: Case): Promise<Finding> {
  return new Promise((resolve) => {
    const child = fork(CELL, [name, String(row)], {
      execArgv: ["--conditions=@steadfetch/source", "--expose-gc", "--no-warnings"],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    })
    const limit = setTimeout(() => {
      child.kill("SIGKILL")
      resolve(fail(`its process was blocked for ${LIMIT_MS / 1000} s`))
    }, LIMIT_MS)
    let complaint = ""
    child.stderr?.on("data", (chunk) => (complaint += String(chunk)))
    child.on("message", (finding: Finding) => resolve(finding))
    child.on("close", () => {
      clearTimeout(limit)
      // Only what ends without a finding gets here first.
      resolve(fail(`its process crashed: ${/^\w*Error.*$/m.exec(complaint)?.[0] ?? "without a word"}`))
    })
  })
}
