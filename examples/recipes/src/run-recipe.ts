import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

/** Runs a recipe as its reader would, `node NAME.ts`, and gives the lines that it printed. Rejects when it fails. */
export async function runRecipe(name: string, environment: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  const env = { ...process.env, ...environment }
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@steadfetch/source", file], { env })
  return stdout.trimEnd().split("\n")
}
