import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { OVERVIEW_EXAMPLES } from "../../packages/cli/src/overview.ts"
import { COMMANDS } from "../../packages/cli/src/program.ts"
import { temporaryFolder } from "./temporary-folder.ts"

const commands = await Promise.all(Object.values(COMMANDS).map(({ load }) => load()))

/** What examples take to be there. */
const VARIABLES = {
  TOKEN: "secret",
  STEADFETCH_OUTBOX: "outbox.db",
  OUTBOX_URL: "postgres://outbox@db.example.com/orders",
  EDITOR: "vi",
  file: "video.mp4",
  url: "https://example.com/app.tar.gz",
  endpoint: "https://tus.example.com/files",
  sum: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}

/** The arguments with which a shell runs steadfetch for this line; it has no other program. */
async function argumentsOf(line: string): Promise<string[][]> {
  const cwd = await temporaryFolder()
  const record = join(cwd, "arguments")
  await writeFile(record, "")
  await mkdir(join(cwd, ".config/fish/completions"), { recursive: true })
  const recording = String.raw`steadfetch() { printf '%s\n' "$@" '' >> "$record"; }`
  const env = { ...VARIABLES, HOME: cwd, PATH: "", record }
  const shell = spawn("/bin/sh", ["-c", `${recording}\n${line}`], { cwd, env, stdio: ["ignore", "ignore", "pipe"] })
  let said = ""
  shell.stderr.setEncoding("utf8").on("data", (piece: string) => (said += piece))
  await once(shell, "close")
  expect(said).not.toMatch(/syntax|unexpected|unterminated/i)
  const recorded = await readFile(record, "utf8")
  return recorded
    .split("\n\n")
    .filter((call) => call !== "")
    .map((call) => call.split("\n"))
}

const examples = [...OVERVIEW_EXAMPLES, ...commands.flatMap(({ examples }) => examples)].filter(([, line]) =>
  /\bsteadfetch [a-z]/.test(line),
)

test("there are examples of every command", () => {
  for (const name of Object.keys(COMMANDS))
    expect(examples.filter(([, line]) => line.includes(`steadfetch ${name}`)).length, name).toBeGreaterThanOrEqual(2)
})

test.each(examples)("the example %j is one that its command takes: %s", async (_what, line) => {
  const calls = await argumentsOf(line)
  expect(calls).toHaveLength(line.split(/\bsteadfetch [a-z]/).length - 1)
  for (const [name = "", ...args] of calls) {
    const command = commands.find((known) => known.name === name)
    expect(command, name).toBeDefined()
    command?.parse(args, VARIABLES)
  }
})
