/**
 * Changes the policies and algorithms of core in thousands of small ways and looks whether the tests notice. Exits with 1 when they
 * notice too few. --file NAME (pace-gate, several allowed) tries one file's mutants; --fresh forgets what the last run
 * found; --write updates docs/mutation.md, where files that were not tried stand with what the runs before found.
 */
import { globSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { basename, join, relative } from "node:path"
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

/** The mutants of the files asked for, and what is known of the others from runs before. */
async function run(): Promise<Mutant[]> {
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
    incrementalFile: ".cache/mutation-results.json",
    force: values.fresh,
    concurrency: 2,
    timeoutMS: 4000,
    reporters: ["progress-append-only"],
    // Most are words of messages, types and names that the compiler knows.
    mutator: { excludedMutations: ["StringLiteral"] },
    // Changing what is evaluated once, on import, would need all tests anew for each change.
    ignoreStatic: true,
  })
  const results = await stryker.runMutationTest()
  const mutants = results.map(async (result) => {
    const file = relative(root, result.fileName)
    return files.has(file) ? [mutantOf(result, file, await readFile(result.fileName, "utf8"))] : []
  })
  return (await Promise.all(mutants)).flat()
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)
const began = performance.now()
const known = await run()
const minutes = (performance.now() - began) / 60_000
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
  const untried = [...files].filter((file) => !asked.includes(file) && !known.some((mutant) => mutant.file === file))
  const text = page(known, explanations, { day, minutes: isWhole ? minutes : undefined, requiredPercent, untried })
  await writeFile(join(root, "docs/mutation.md"), `${text}\n`)
}
