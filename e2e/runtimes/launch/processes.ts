import { dirname } from "node:path"
import type { RuntimeName } from "../differences.ts"
import { installed } from "../install.ts"
import type { CaseEnd } from "../suite/index.ts"
import { output } from "./child.ts"
import type { Launched } from "./launched.ts"

/** A runtime that runs a file in a process: Node and what stands in for it. */
function processRuntime(
  name: RuntimeName,
  title: string,
  pattern: string,
  args: readonly string[],
  shownVersion: RegExp,
): Launched {
  return {
    name,
    title,
    async version() {
      return shownVersion.exec(await output(await installed(pattern), ["--version"]))?.[1] ?? ""
    },
    async run({ built, place }) {
      const command = [...args, built.process, JSON.stringify(place)]
      const printed = await output(await installed(pattern), command, dirname(built.process))
      return JSON.parse(printed) as readonly CaseEnd[]
    },
  }
}

const node = (major: 20 | 22 | 24 | 26): Launched =>
  processRuntime(`node-${major}`, `Node ${major}`, `node-${major}-*/bin/node`, [], /v(.*)/)

export const processRuntimes: readonly Launched[] = [
  node(20),
  node(22),
  node(24),
  node(26),
  processRuntime("bun", "Bun", "@oven/bun-*/bin/bun", ["run"], /(.*)/),
  processRuntime("deno", "Deno", "@deno/*/deno", ["run", "-A", "--node-modules-dir=manual"], /deno (\S+)/),
]
