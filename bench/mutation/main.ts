/**
 * Changes the policies and algorithms of core in thousands of small ways and looks whether the tests notice. Exits with 1 when they
 * notice too few. --file NAME (pace-gate, several allowed) tries one file's mutants; --fresh forgets what the last run
 * found; --known tries nothing and tells what the runs before found; --write updates docs/mutation.md, where files that
 * were not tried stand with what the runs before found.
 */
import { globSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { parseArgs } from "node:util"
import { Stryker } from "@stryker-mutator/core"
import { explanations } from "./explained.ts"
import { mutated, needed } from "./files.ts"
import { type Mutant, mutantOf, type Report } from "./mutant.ts"
import { idleExplanations, page, scoreTable, unexplained } from "./report.ts"
import { counts, score } from "./score.ts"

const root = join(import.meta.dirname, "../..")
const resultsFile = ".cache/mutation-results.json"
const requiredPercent = 85
const { values } = parseArgs({
  options: {
    file: { type: "string", multiple: true, default: [] },
    fresh: { type: "boolean", default: false },
    known: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
})
const isWhole = values.file.length === 0
const files = new Set(
  globSync(
    mutated.filter((pattern) => !pattern.startsWith("!")),
    {
      cwd: root,
      exclude: mutated.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1)),
    },
  ),
)
const asked = [...files].filter((file) => isWhole || values.file.includes(basename(file, ".ts")))

/** Tries the mutants of the files asked for, and notes the results beside those of other files. */
async function run(): Promise<void> {
  process.chdir(root)
  const stryker = new Stryker({
    testRunner: "vitest",
    vitest: { configFile: "bench/mutation/vitest.config.ts", related: false },
    mutate: asked,
    ignorePatterns: ["**", ...needed.map((pattern) => `!${pattern}`), "packages/*/dist"],
    tempDirName: ".cache/mutation",
    // Nothing is compiled by it, and TypeScript's own parser is not at hand.
    tsconfigFile: "bench/mutation/none.json",
    incremental: true,
    incrementalFile: resultsFile,
    force: values.fresh,
    concurrency: 2,
    timeoutMS: 4000,
    reporters: ["progress-append-only"],
    // Most are words of messages, types and names that the compiler knows.
    mutator: { excludedMutations: ["StringLiteral"] },
    // Changing what is evaluated once, on import, would need all tests anew for each change.
    ignoreStatic: true,
  })
  await stryker.runMutationTest()
}

/** The mutants of all files that any run has tried, and that are still there. */
async function results(): Promise<Mutant[]> {
  const report = JSON.parse(await readFile(join(root, resultsFile), "utf8")) as Report
  return Object.entries(report.files)
    .filter(([file]) => files.has(file))
    .flatMap(([file, { source, mutants }]) => mutants.map((mutant) => mutantOf(mutant, file, source)))
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)
const began = performance.now()
if (!values.known) await run()
const minutes = (performance.now() - began) / 60_000
const known = await results()
const tried = known.filter(({ file }) => asked.includes(file))
const { percent } = score(tried)
print(scoreTable(tried))
for (const { file, line, mutator, original, replacement, status } of unexplained(tried, explanations))
  print(`${file}:${line} ${status} ${mutator}\n- ${original}\n+ ${replacement}`)
if (isWhole)
  for (const { why, file = "", line = "" } of idleExplanations(tried, explanations))
    print(`bench/mutation/explained.ts explains nothing that survived: ${file} ${line} ${why}`)
print(`${percent.toFixed(1)} % found; required are ${requiredPercent} %`)
if (percent < requiredPercent) process.exitCode = 1
if (values.write) {
  const day = new Date().toISOString().slice(0, 10)
  const untried = [...files].filter((file) => !known.some((mutant) => mutant.file === file && counts(mutant)))
  const text = page(known, explanations, {
    day,
    minutes: isWhole && !values.known ? minutes : undefined,
    requiredPercent,
    untried,
  })
  await writeFile(join(root, "docs/mutation.md"), `${text}\n`)
}
