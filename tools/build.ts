/** Builds every published package into its dist/. */
import { join } from "node:path"
import { publishedPackages } from "./published-packages.ts"
import { root, runCommand } from "./run-command.ts"

for (const { name, folder } of publishedPackages) {
  const started = performance.now()
  const { succeeded, output } = await runCommand(["tsdown", "--log-level", "warn"], join(root, folder))
  if (!succeeded) {
    console.error(`${name} could not be built:\n${output}`)
    process.exit(1)
  }
  console.log(`${name} built in ${Math.round(performance.now() - started)} ms`)
}
