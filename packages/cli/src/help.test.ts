import { expect, test } from "vitest"
import { batchCommand } from "./batch/command.ts"
import { benchCommand } from "./bench/command.ts"
import { callCommand } from "./call/command.ts"
import { downloadCommand } from "./download/command.ts"
import { flakyCommand } from "./flaky/command.ts"
import { generateCommand } from "./generate/command.ts"
import { commandHelp } from "./help.ts"
import { plain } from "./paint.ts"
import { tourCommand } from "./tour/command.ts"
import { uploadCommand } from "./upload/command.ts"

const commands = [
  batchCommand,
  benchCommand,
  callCommand,
  downloadCommand,
  flakyCommand,
  generateCommand,
  tourCommand,
  uploadCommand,
]

test.each(commands)("the help of $name names every option and ends with examples", (command) => {
  const help = commandHelp(command, plain)
  for (const name of Object.keys(command.options)) expect(help).toContain(`--${name}`)
  expect(help).toContain(`Usage: steadfetch ${command.name} `)
  for (const [, line] of command.examples) expect(help).toContain(`  ${line}\n`)
})

test.each(commands)("the lines of $name's options fit 100 columns", (command) => {
  const lines = commandHelp(command, plain).split("\n")
  const options = lines.slice(lines.indexOf("Options:"), lines.indexOf("Examples:"))
  // A word that is longer than a line, such as a URL, stays whole.
  expect(options.filter((line) => line.length > 100 && line.trim().includes(" "))).toEqual([])
})
