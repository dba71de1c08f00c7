/** Measures what a user's bundle gets of each entry (tools/size-ceilings.ts) and fails above a ceiling. */
import { gzipSync } from "node:zlib"
import { build } from "esbuild"
import { root } from "./run-command.ts"
import { sizeCeilings } from "./size-ceilings.ts"

const core = "packages/core/src/"

async function measure(code: string): Promise<{ bytes: number; files: Map<string, number> }> {
  const result = await build({
    stdin: { contents: code, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    conditions: ["@steadfetch/source"],
    metafile: true,
    write: false,
    logLevel: "silent",
  })
  const inputs = Object.values(result.metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  const files = new Map(
    inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [[path, bytesInOutput]] : [])),
  )
  const bytes = result.outputFiles.reduce((sum, file) => sum + gzipSync(file.contents, { level: 9 }).length, 0)
  return { bytes, files }
}

/** Where the weight is: the heaviest files, minified but not compressed. */
function printHeaviest(files: ReadonlyMap<string, number>): void {
  const heaviest = [...files].toSorted(([, one], [, other]) => other - one).slice(0, 12)
  for (const [path, bytes] of heaviest) console.log(`       ${String(bytes).padStart(6)} bytes minified  ${path}`)
}

let failed = false
for (const ceiling of sizeCeilings) {
  const { bytes: whole, files } = await measure(ceiling.code)
  const bytes = ceiling.beyond === undefined ? whole : whole - (await measure(ceiling.beyond)).bytes
  const unwanted = ceiling.without.filter((name) => files.has(core + name))
  const verdict = bytes <= ceiling.ceilingBytes && unwanted.length === 0 ? "ok" : "FAILED"
  console.log(
    `${verdict.padEnd(7)}${ceiling.entry.padEnd(34)}${String(bytes).padStart(6)} of ${ceiling.ceilingBytes} bytes`,
  )
  if (verdict === "ok") continue
  failed = true
  printHeaviest(files)
  if (unwanted.length > 0) console.log(`       must not contain ${unwanted.join(", ")}, from: ${ceiling.code}`)
}
if (failed) {
  console.log("Make the entry lighter, or change its row in tools/size-ceilings.ts and say why.")
  process.exitCode = 1
}
