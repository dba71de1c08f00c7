import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runCommand } from "../../tools/run-command.ts"
import type { Rule } from "../soak/verdict.ts"

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[]
  }[]
}

/** Disks that are full or read-only have tests of their own, which are run. */
export async function diskRules(): Promise<readonly Rule[]> {
  const folder = await mkdtemp(join(tmpdir(), "torture-"))
  const file = join(folder, "report.json")
  try {
    await runCommand(["vitest", "run", "--project", "e2e", "--reporter", "json", "--outputFile", file, "e2e/outbox/sqlite-disk.test.ts"]) // prettier-ignore
    const { testResults } = JSON.parse(await readFile(file, "utf8")) as Report
    const results = testResults.flatMap(({ assertionResults }) => assertionResults)
    return results.map(({ title, status }) => ({
      name: `sqlite: ${title}`,
      measured: status,
      required: "passed",
      isMet: status === "passed",
    }))
  } finally {
    await rm(folder, { recursive: true })
  }
}
