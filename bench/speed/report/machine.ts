import { readFile } from "node:fs/promises"
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os"

/** Where and with what something was measured. */
export interface Circumstances {
  readonly date: string
  readonly command: string
  readonly processor: string
  readonly cores: number
  readonly memoryGB: number
  readonly system: string
  /** Processes that were waiting for a core when it began, over a minute: below 0.5 the machine was quiet. */
  readonly loadBefore: number
  /** Versions by package; Node's by "node", its own undici's by "undici in node". */
  readonly versions: Readonly<Record<string, string>>
}

/** Notes the circumstances before the measuring begins. */
export async function circumstances(args: readonly string[], packages: readonly string[]): Promise<Circumstances> {
  const names = [...new Set(packages)].filter((name) => name !== "node")
  const versions = await Promise.all(names.map(async (name) => [name, await versionOf(name)] as const))
  return {
    date: new Date().toISOString().slice(0, 10),
    command: ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split("-")[0]} ${arch()}`,
    loadBefore: loadavg()[0] ?? Number.NaN,
    versions: {
      node: process.versions.node,
      "undici in node": process.versions["undici"] ?? "none",
      ...Object.fromEntries(versions),
    },
  }
}

/** From its package.json, which not every package exports. */
async function versionOf(name: string): Promise<string> {
  const file = new URL(`../../../node_modules/${name}/package.json`, import.meta.url)
  const { version } = JSON.parse(await readFile(file, "utf8")) as { version: string }
  return version
}
