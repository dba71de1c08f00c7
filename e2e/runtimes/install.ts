import { cp, glob, mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { root, runCommand } from "../../tools/run-command.ts"

const source = join(import.meta.dirname, "install")
const place = join(root, ".cache/runtimes")

/** The runtimes of the lock file, installed by npm; what is there already stays. */
export async function installRuntimes(): Promise<void> {
  const locked = await readFile(join(source, "package-lock.json"), "utf8")
  const installed = await readFile(join(place, "installed-lock.json"), "utf8").catch(() => undefined)
  if (installed === locked) return
  await mkdir(place, { recursive: true })
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) await cp(join(source, file), join(place, file))
  const { succeeded, output } = await runCommand(["npm", "ci", "--ignore-scripts", "--loglevel=error"], place)
  if (!succeeded) throw new Error(`npm ci of the runtimes failed; check the network:\n${output}`)
  await cp(join(place, "package-lock.json"), join(place, "installed-lock.json"))
}

/**
 * The path of an installed program, by its pattern below node_modules.
 * @throws Error where npm brought none for this machine
 */
export async function installed(pattern: string): Promise<string> {
  for await (const file of glob(pattern, { cwd: join(place, "node_modules") })) return join(place, "node_modules", file)
  throw new Error(`npm brought no ${pattern} for this machine (${process.platform} ${process.arch})`)
}
