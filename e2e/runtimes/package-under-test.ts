import { build } from "esbuild"
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { root, runCommand } from "../../tools/run-command.ts"

/** The suite, built over the files that are published. */
export interface Built {
  /** For runtimes that find the package in node_modules. */
  readonly process: string
  /** One file, the package included. */
  readonly worker: string
  /** The text of one file, the package included. */
  readonly page: string
}

const app = join(root, ".cache/runtimes/app")

/** Packs the package as npm would publish it, unpacks it as npm would install it, and builds the suite over it, once. */
export async function buildSuite(): Promise<Built> {
  await rm(app, { recursive: true, force: true })
  await installPackage()
  const hosts = ["process", "worker", "page"]
  const common = { bundle: true, format: "esm", target: "es2022", logLevel: "error" } as const
  await build({
    ...common,
    entryPoints: hosts.map((host) => join(import.meta.dirname, `hosts/${host}.ts`)),
    outdir: app,
    external: ["steadfetch", "node:*"],
    platform: "neutral",
    splitting: true,
  })
  const alone = ["worker", "page"].map((host) => join(app, `${host}.js`))
  await build({ ...common, entryPoints: alone, outdir: join(app, "alone"), platform: "neutral" })
  return {
    process: join(app, "process.js"),
    worker: join(app, "alone/worker.js"),
    page: await readFile(join(app, "alone/page.js"), "utf8"),
  }
}

async function installPackage(): Promise<void> {
  const place = join(app, "node_modules/steadfetch")
  await mkdir(place, { recursive: true })
  await writeFile(join(app, "package.json"), JSON.stringify({ type: "module", dependencies: { steadfetch: "*" } }))
  const core = join(root, "packages/core")
  if (!(await readdir(core)).includes("dist")) throw new Error("packages/core/dist is missing; run npm run build")
  await succeed(["npm", "pack", "--silent", "--pack-destination", app], core)
  const [archive = ""] = (await readdir(app)).filter((name) => name.endsWith(".tgz"))
  await succeed(["tar", "-xzf", join(app, archive), "-C", place, "--strip-components=1"])
}

async function succeed(command: readonly string[], cwd = root): Promise<void> {
  const { succeeded, output } = await runCommand(command, cwd)
  if (!succeeded) throw new Error(`${command.join(" ")} failed:\n${output}`)
}
