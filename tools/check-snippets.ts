/** Compiles every ```ts block of the documentation against the packages' sources (how they may look: tools/snippets.ts). */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { projectFiles } from "./project-files.ts"
import { root, runCommand } from "./run-command.ts"
import { snippetsOf } from "./snippets.ts"

const folder = ".cache/snippets"
await rm(join(root, folder), { recursive: true, force: true })
await mkdir(join(root, folder), { recursive: true })

let count = 0
for (const page of await projectFiles(
  "README.md",
  "CONTRIBUTING.md",
  "docs/**/*.md",
  "packages/*/README.md",
  "examples/*/README.md",
)) {
  for (const { line, code } of snippetsOf(await readFile(join(root, page), "utf8"))) {
    count += 1
    await writeFile(join(root, folder, `${page.replaceAll("/", "__")}.${line}.ts`), code)
  }
}
if (count === 0) {
  console.log("No page has a snippet: see in tools/snippets.ts what one looks like.")
  process.exit(1)
}

const tsconfig = {
  extends: "../../tsconfig.base.json",
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
  include: ["*.ts"],
}
await writeFile(join(root, folder, "tsconfig.json"), JSON.stringify(tsconfig))
const { succeeded, output } = await runCommand(["tsc", "-p", folder])
if (succeeded) {
  console.log(`${count} snippets compile`)
} else {
  // The files' line numbers are those of their pages.
  console.log(
    output.replaceAll(/^\.cache\/snippets\/(.+?\.md)\.\d+\.ts/gm, (_, page: string) => page.replaceAll("__", "/")),
  )
  process.exitCode = 1
}
