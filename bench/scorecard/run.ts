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

/** How many at a time: they mostly wait. */
const AT_ONCE = 4

/** Examines each client in each case. What fails is seen to fail twice. */
export async function runAll(
  candidates: readonly Candidate[],
  cases: readonly Case[],
  tell: (done: number, all: number) => void,
): Promise<Cell[]> {
  const pairs = cases.flatMap((each) => candidates.map((candidate) => ({ candidate, case: each })))
  const left = pairs.entries()
  const found = new Map<number, Cell>()
  const work = async (): Promise<void> => {
    for (const [index, pair] of left) {
      const once = await runCell(pair.candidate, pair.case)
      const finding = once.verdict === "fail" ? await runCell(pair.candidate, pair.case) : once
      found.set(index, { ...pair, finding })
      tell(found.size, pairs.length)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return [...found].toSorted(([a], [b]) => a - b).map(([, cell]) => cell)
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
