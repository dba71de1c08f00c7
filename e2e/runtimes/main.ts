/**
 * Runs the conformance suite in every runtime and prints a table; ends with "N passed, N failed". With --only NAME (more
 * than once if need be) in those alone; with --write it updates docs/runtimes.md; --result-file gets the numbers as JSON.
 */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { root } from "../../tools/run-command.ts"
import { installRuntimes } from "./install.ts"
import { chromium } from "./launch/chromium.ts"
import type { Launched } from "./launch/launched.ts"
import { processRuntimes } from "./launch/processes.ts"
import { workerd } from "./launch/workerd.ts"
import { buildSuite, type Built } from "./package-under-test.ts"
import { page, summary, table, type RuntimeEnd } from "./report.ts"
import { withServers } from "./stage.ts"

const { values } = parseArgs({
  options: { only: { type: "string", multiple: true }, write: { type: "boolean" }, "result-file": { type: "string" } },
})

async function run(runtime: Launched, built: Built): Promise<RuntimeEnd> {
  const { name, title } = runtime
  const beganAt = performance.now()
  const took = (): number => (performance.now() - beganAt) / 1000
  try {
    const version = await runtime.version()
    const ends = await withServers(name, built.page, (place, desk) => runtime.run({ built, place, desk }))
    return { name, title, version, ends, seconds: took() }
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    return { name, title, version: "", ends: [{ group: "", name: "the suite runs", failure }], seconds: took() }
  }
}

const all = [...processRuntimes, workerd, chromium]
const chosen = all.filter(({ name }) => values.only?.includes(name) ?? true)
const unknown = values.only?.filter((name) => !all.some((runtime) => runtime.name === name)) ?? []
if (unknown.length > 0) throw new Error(`--only ${unknown.join(", ")}: use ${all.map(({ name }) => name).join(", ")}`)

await installRuntimes()
const built = await buildSuite()
const results: RuntimeEnd[] = []
// One at a time: the cases measure time.
for (const runtime of chosen) results.push(await run(runtime, built))

const { passed, failed, failures } = summary(results)
process.stdout.write(`${table(results)}\n\n${failures}${passed} passed, ${failed} failed\n`)
const resultFile = values["result-file"]
if (resultFile !== undefined)
  await writeFile(join(root, resultFile), JSON.stringify({ numPassedTests: passed, numFailedTests: failed }))
if (values.write === true)
  await writeFile(join(root, "docs/runtimes.md"), page(results, new Date().toISOString().slice(0, 10)))
if (failed > 0) process.exitCode = 1
