/**
 * Changes the policies and algorithms of core in thousands of small ways and looks whether the tests notice. Exits with 1 when they
 * notice too few. --file NAME (pace-gate, several allowed) tries one file's mutants; --fresh forgets what the last run
 * found; --write updates docs/mutation.md.
 */
import { readFile, writeFile } from "node:fs/promises"
import { join, relative } from "node:path"
import { parseArgs } from "node:util"
import { Stryker } from "@stryker-mutator/core"
import { explanations } from "./explained.ts"
import { mutated, needed } from "./files.ts"
import { type Mutant, mutantOf } from "./mutant.ts"
import { idleExplanations, page, scoreTable, unexplained } from "./report.ts"
import { score } from "./score.ts"

const root = join(import.meta.dirname, "../..")
const requiredPercent = 85
const { values } = parseArgs({
  options: {
    file: { type: "string", multiple: true, default: [] },
    fresh: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
})
const isWhole = values.file.length === 0
if (values.write && !isWhole) throw new Error("--write needs every file's mutants: leave --file out")

async function run(): Promise<Mutant[]> {
  process.chdir(root)
  const stryker = new Stryker({
    testRunner: "vitest",
    vitest: { configFile: "bench/mutation/vitest.config.ts", related: false },
    mutate: isWhole ? [...mutated] : values.file.map((name) => `packages/core/src/**/${name}.ts`),
    ignorePatterns: ["**", ...needed.map((pattern) => `!${pattern}`), "packages/*/dist"],
    tempDirName: ".cache/mutation",
    // Nothing is compiled by it, and TypeScript's own parser is not at hand.
    tsconfigFile: "bench/mutation/none.json",
    incremental: true,
    incrementalFile: ".cache/mutation-results.json",
    force: values.fresh,
    concurrency: 2,
    timeoutMS: 4000,
    reporters: ["progress-append-only"],
    allowEmpty: false,
  })
  const results = await stryker.runMutationTest()
  const mutants = results.map(async (result) => {
    const file = relative(root, result.fileName)
    return mutantOf(result, file, await readFile(result.fileName, "utf8"))
  })
  return Promise.all(mutants)
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)
const began = performance.now()
const mutants = await run()
const minutes = (performance.now() - began) / 60_000
const { percent } = score(mutants)
print(scoreTable(mutants))
for (const { file, line, mutator, original, replacement, status } of unexplained(mutants, explanations))
  print(`${file}:${line} ${status} ${mutator}\n- ${original}\n+ ${replacement}`)
if (isWhole)
  for (const { why, file = "", line = "" } of idleExplanations(mutants, explanations))
    print(`bench/mutation/explained.ts explains nothing that survived: ${file} ${line} ${why}`)
print(`${percent.toFixed(1)} % found; required are ${requiredPercent} %`)
if (percent < requiredPercent) process.exitCode = 1
if (values.write) {
  const day = new Date().toISOString().slice(0, 10)
  await writeFile(join(root, "docs/mutation.md"), `${page(mutants, explanations, { day, minutes, requiredPercent })}\n`)
}
