/** Refuses files that name a package registry's host or a path of one machine: they would work in one place only. */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { machineTraces } from "./machine-traces.ts"
import { projectFiles } from "./project-files.ts"
import { root } from "./run-command.ts"

const files = await projectFiles()
for (const file of files) {
  const text = await readFile(join(root, file), "utf8")
  for (const { line, trace } of machineTraces(text)) {
    console.log(`${file}:${line}: names ${trace}. Use a relative path, or leave the address to the user's settings.`)
    process.exitCode = 1
  }
}
console.log(`${files.length} files looked through`)
