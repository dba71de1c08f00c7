import { cp, mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { root, runCommand } from "../tools/run-command.ts"

/**
 * What a folder's lock file lists, installed by npm apart from the workspace: what only one suite needs, and is large. What
 * is there already stays.
 * @param source The folder with package.json, package-lock.json and .npmrc.
 * @param name Of the place below .cache.
 * @returns The place, which has the node_modules.
 */
export async function installLocked(source: string, name: string): Promise<string> {
  const place = join(root, ".cache", name)
  const locked = await readFile(join(source, "package-lock.json"), "utf8")
  const installed = await readFile(join(place, "installed-lock.json"), "utf8").catch(() => undefined)
  if (installed === locked) return place
  await mkdir(place, { recursive: true })
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) await cp(join(source, file), join(place, file))
  const { succeeded, output } = await runCommand(["npm", "ci", "--ignore-scripts", "--loglevel=error"], place)
  if (!succeeded) throw new Error(`npm ci of the ${name} failed; check the network:\n${output}`)
  await cp(join(place, "package-lock.json"), join(place, "installed-lock.json"))
  return place
}
