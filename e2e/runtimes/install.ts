import { glob } from "node:fs/promises"
import { join } from "node:path"
import { installLocked } from "../locked-install.ts"

let modules: string | undefined

/** The runtimes of the lock file, installed by npm; what is there already stays. */
export async function installRuntimes(): Promise<void> {
  modules = join(await installLocked(join(import.meta.dirname, "install"), "runtimes"), "node_modules")
}

/**
 * The path of an installed program, by its pattern below node_modules.
 * @throws Error before `installRuntimes`, and where npm brought none for this machine
 */
export async function installed(pattern: string): Promise<string> {
  if (modules === undefined) throw new Error("installRuntimes() comes first")
  for await (const file of glob(pattern, { cwd: modules })) return join(modules, file)
  throw new Error(`npm brought no ${pattern} for this machine (${process.platform} ${process.arch})`)
}
