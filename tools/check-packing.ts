/** Looks at every published package as users get it: packs it, lints the tarball, and uses what comes out of it. */
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { publishedPackages, type PublishedPackage } from "./published-packages.ts"
import { root, runCommand } from "./run-command.ts"

const tarballs = join(root, ".cache/packing")
const consumer = join(tarballs, "consumer")
let failed = false

async function expectSuccess(what: string, command: readonly string[], cwd = root): Promise<void> {
  const { succeeded, output } = await runCommand(command, cwd)
  console.log(`${succeeded ? "ok    " : "FAILED"} ${what}`)
  if (succeeded) return
  failed = true
  console.log(output)
}

/** Packs a package and unpacks it into the consumer's node_modules, as an installation would. */
async function pack({ name, folder }: PublishedPackage): Promise<string> {
  const { succeeded, output } = await runCommand(
    ["npm", "pack", "--silent", "--pack-destination", tarballs],
    join(root, folder),
  )
  const file = output.trim().split("\n").at(-1)
  if (!succeeded || file === undefined) throw new Error(`${name} could not be packed: ${output}`)
  const installed = join(consumer, "node_modules", name)
  await mkdir(installed, { recursive: true })
  await runCommand(["tar", "-xzf", join(tarballs, file), "--strip-components=1", "-C", installed])
  return join(tarballs, file)
}

async function lintTarball({ name, entries }: PublishedPackage, tarball: string): Promise<void> {
  await expectSuccess(`publint ${name}`, ["publint", "run", tarball, "--strict"])
  if (entries.length > 0) await expectSuccess(`attw ${name}`, ["attw", tarball, "--profile", "esm-only"])
}

/** What every tarball has, and what users have no use for. */
async function checkContents({ name }: PublishedPackage, tarball: string): Promise<void> {
  const { output } = await runCommand(["tar", "-tzf", tarball])
  const files = output.trim().split("\n")
  const missing = ["README.md", "LICENSE"].filter((file) => !files.includes(`package/${file}`))
  const unwanted = files.filter((file) => /\.test(-d)?\.ts$/.test(file))
  const good = missing.length === 0 && unwanted.length === 0
  console.log(`${good ? "ok    " : "FAILED"} contents of ${name}`)
  if (good) return
  failed = true
  for (const file of missing) console.log(`${file} is missing`)
  for (const file of unwanted) console.log(`${file} must not be there: see "files" in its package.json`)
}

/** A user's project that imports every entry, compiled with and without Node's types. */
async function useEntries(): Promise<void> {
  const specifiers = publishedPackages.flatMap(({ entries }) => entries.map(({ specifier }) => specifier))
  const imports = (names: string[]): string => names.map((name) => `import "${name}"\n`).join("")
  await writeFile(join(consumer, "package.json"), JSON.stringify({ type: "module", private: true }))
  await writeFile(join(consumer, "all.ts"), imports(specifiers))
  await writeFile(join(consumer, "core.ts"), imports(["steadfetch"]))
  const compile = ["tsc", "--ignoreConfig", "--noEmit", "--strict", "--module", "nodenext", "--target", "es2024"]
  await expectSuccess(
    "compiles in Node",
    [...compile, "--types", "node", "--lib", "es2024,esnext.disposable", "all.ts"],
    consumer,
  )
  await expectSuccess(
    "compiles in a browser",
    [...compile, "--types", "", "--lib", "es2023,dom,esnext.disposable", "core.ts"],
    consumer,
  )
  await expectSuccess("loads in Node", ["node", "all.ts"], consumer)
}

async function runPrograms({ name, bin }: PublishedPackage): Promise<void> {
  for (const [program, path] of Object.entries(bin)) {
    await expectSuccess(`${program} --help`, ["node", join(consumer, "node_modules", name, path), "--help"], consumer)
  }
}

/** What the tarballs depend on comes from the workspace's installation. */
async function linkDependencies(): Promise<void> {
  const own = new Set(publishedPackages.map(({ name }) => name.split("/")[0]))
  for (const dependency of await readdir(join(root, "node_modules"))) {
    if (dependency.startsWith(".") || own.has(dependency)) continue
    await symlink(join(root, "node_modules", dependency), join(consumer, "node_modules", dependency))
  }
}

await rm(tarballs, { recursive: true, force: true })
await mkdir(join(consumer, "node_modules"), { recursive: true })
await linkDependencies()
const packed = await Promise.all(publishedPackages.map(pack))
for (const [index, published] of publishedPackages.entries()) {
  const tarball = packed[index] ?? ""
  await checkContents(published, tarball)
  await lintTarball(published, tarball)
}
await useEntries()
for (const published of publishedPackages) await runPrograms(published)
if (failed) process.exitCode = 1
