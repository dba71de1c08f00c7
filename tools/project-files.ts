import { existsSync } from "node:fs"
import { join } from "node:path"
import { root, runCommand } from "./run-command.ts"

/** The project's files, committed or about to be, relative to the root; what git ignores is not among them. */
export async function projectFiles(...patterns: string[]): Promise<string[]> {
  const { succeeded, output } = await runCommand([
    "git",
    "ls-files",
    "-co",
    "--exclude-standard",
    "-z",
    "--",
    ...patterns,
  ])
  if (!succeeded) throw new Error(`git could not list the project's files: ${output}`)
  return output.split("\0").filter((file) => file !== "" && existsSync(join(root, file)))
}
