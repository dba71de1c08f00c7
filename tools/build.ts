/** Builds every published package into its dist/. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { publishedPackages } from "./published-packages.ts"
import { root, runCommand } from "./run-command.ts"

for (const { name, folder } of publishedPackages) {
  const started = performance.now()
  // A page is built into the package's dist, which the first command empties.
  const commands = [["tsdown", "--log-level", "warn"]]
  if (existsSync(join(root, folder, "vite.config.ts"))) commands.push(["vite", "build"])
  for (const command of commands) {
    const { succeeded, output } = await runCommand(command, join(root, folder))
    if (succeeded) continue
    console.error(`${name} could not be built:\n${output}`)
    process.exit(1)
  }
  console.log(`${name} built in ${Math.round(performance.now() - started)} ms`)
}
