import { mkdir, readdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { bashScript } from "../../packages/cli/src/completion/bash.ts"
import type { CompletedCommand } from "../../packages/cli/src/completion/completed.ts"
import { fishScript } from "../../packages/cli/src/completion/fish.ts"
import { zshScript } from "../../packages/cli/src/completion/zsh.ts"
import { COMMANDS } from "../../packages/cli/src/program.ts"
import { systemProgram } from "../../tools/system/system-program.ts"
import { INSTALLING_MS } from "../nginx/nginx.ts"
import { shellProgram, startShell, type Shell, type ShellName } from "./shells.ts"
import { steadfetch } from "./steadfetch-process.ts"
import { temporaryFolder } from "./temporary-folder.ts"
import { onLinux } from "./terminal.ts"

const BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"

beforeAll(async () => {
  // One after the other: there is one installation at a time.
  for (const name of ["bash", "zsh", "fish"] as const) await shellProgram(name)
  // The one program that the package has.
  await systemProgram("dh_bash-completion", "bash-completion")
}, INSTALLING_MS)

const commands = await Promise.all(Object.values(COMMANDS).map(({ load }) => load()))

/** What a user has in such a folder. */
async function folder(): Promise<string> {
  const cwd = await temporaryFolder()
  await writeFile(join(cwd, "notes.txt"), "")
  await writeFile(join(cwd, "order one.json"), "")
  await mkdir(join(cwd, "orders"))
  return cwd
}

async function printed(name: ShellName): Promise<string> {
  const { code, stdout, stderr } = await steadfetch(["completion", name])
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  return stdout.toString()
}

/** Without what a shell puts behind a folder, and zsh behind an option that takes a value. */
function bare(words: readonly string[]): string[] {
  return words.map((word) => word.replace(/[=/]$/, "")).toSorted()
}

const EXPECTED: readonly (readonly [line: string, completions: readonly string[]])[] = [
  ["call --output=js", ["--output=json"]],
  ["call --quiet PU", ["PUT"]],
  ["call --output json PU", ["PUT"]],
  ["call -H PUT PO", ["POST"]],
  ["completion ", ["bash", "fish", "zsh"]],
  ["call --bearer-env STEADFETCH_TEST_", ["STEADFETCH_TEST_TOKEN"]],
  ["upload no", ["notes.txt"]],
  ["upload --deadline 5s no", ["notes.txt"]],
  ["upload --deadline=5s no", ["notes.txt"]],
  ["upload --no-resume no", ["notes.txt"]],
  ["upload -- no", ["notes.txt"]],
  ["download https://example.com/a no", ["notes.txt"]],
  ["outbox re", ["retry"]],
  ["outbox list --state rej", ["rejected"]],
  ["outbox stats --store no", ["notes.txt"]],
  ["flaky --script or", ["order one.json", "orders"]],
  ["flaky --script=no", ["--script=notes.txt"]],
  ["gateway -c no", ["notes.txt"]],
  ["watch --directory o", ["orders"]],
  ["call --json @no", ["@notes.txt"]],
  ["call --json @or", ["@order one.json", "@orders"]],
  ["call --json=@no", ["--json=@notes.txt"]],
  ["call --form photo=@no", ["photo=@notes.txt"]],
]

/** What ends with a text of the user's, although there are files that begin like it. */
const TEXTS = [
  "call no",
  "call GET no",
  "call --json no",
  "call --json me@no",
  "call --form no",
  "call --header no",
  "upload notes.txt no",
  "outbox show no",
  "watch no",
  "no-such-command no",
  "notes.t",
]

const shells: readonly [title: string, name: ShellName, before: string][] = [
  ["bash", "bash", ""],
  ["bash with the package bash-completion", "bash", `. ${BASH_COMPLETION}`],
  ["bash that breaks words at spaces alone", "bash", "COMP_WORDBREAKS=$' \\t\\n'"],
  ["zsh", "zsh", ""],
  ["zsh with its completions switched on before", "zsh", "autoload -Uz compinit && compinit"],
  ["fish", "fish", ""],
]

describe.each(shells)("%s", { timeout: 120_000, ...onLinux }, (_title, name, before) => {
  async function ready(): Promise<Shell> {
    const env = { STEADFETCH_TEST_TOKEN: "x" }
    return startShell(name, { cwd: await folder(), script: await printed(name), before, env })
  }

  test("completes every command, every option, and every value that is one of several", async () => {
    await using shell = await ready()
    expect(bare(await shell.completions("steadfetch "))).toEqual([...Object.keys(COMMANDS), "help"].toSorted())
    expect(await shell.completions("steadfetch ca")).toEqual(["call"])
    expect(bare(await shell.completions("steadfetch --"))).toEqual(["--help", "--version"])
    expect(await shell.completions("steadfetch help downl")).toEqual(["download"])
    for (const { name, options } of commands) {
      const names = Object.keys(options).map((option) => `--${option}`)
      expect.soft(bare(await shell.completions(`steadfetch ${name} --`)), name).toEqual(names.toSorted())
      for (const [option, { choices }] of Object.entries(options)) {
        if (choices === undefined) continue
        const line = `steadfetch ${name} --${option} `
        expect.soft(bare(await shell.completions(line)), line).toEqual(choices.toSorted())
      }
    }
  })

  test("completes values, and files where a file is expected", async () => {
    await using shell = await ready()
    for (const [line, completions] of EXPECTED)
      expect.soft(bare(await shell.completions(`steadfetch ${line}`)), line).toEqual(completions)
  })

  test("completes nothing where a text is expected", async () => {
    await using shell = await ready()
    for (const line of TEXTS)
      expect.soft(await shell.completions(`steadfetch ${line}`), line).toEqual([line.split(" ").at(-1)])
  })
})

/** Texts that a shell could take for something else. */
const ODD = `it's "quoted" $HOME $(touch pwned) \`touch pwned\` a\\b [a]: b:c * ~ %s {a,b} !!`
const ODD_COMMAND: CompletedCommand = {
  name: "odd",
  description: ODD,
  options: [
    { names: ["-o", "--odd"], description: ODD, isRepeatable: false, placeholder: "'A: B'|$C", values: "nothing" },
    { names: ["--even"], description: `even, ${ODD}`, isRepeatable: true, placeholder: "", values: undefined },
  ],
  operands: [{ placeholder: "`D`|'E: [F]'", values: ["one", "two"] }],
}

describe.each([
  ["zsh", zshScript],
  ["fish", fishScript],
] as const)("%s", { timeout: 120_000, ...onLinux }, (name, script) => {
  test("shows what an option does", async () => {
    await using shell = await startShell(name, { cwd: await folder(), script: await printed(name) })
    const shown = await shell.shown("steadfetch call --id", /the Idempotency-Key/)
    expect(shown).toMatch(/--idempotency-key\s+(-- )?the Idempotency-Key/)
    expect(await shell.shown("steadfetch tou", /shows what/)).toMatch(/tour\s+(-- )?shows what steadfetch does/)
  })

  test("shows any description as it is, and runs nothing of it", async () => {
    const cwd = await folder()
    await using shell = await startShell(name, { cwd, script: script([ODD_COMMAND]) })
    expect(await shell.shown("steadfetch od", /!!/)).toContain(ODD)
    expect(await shell.shown("steadfetch odd --o", /!!/)).toContain(ODD)
    expect(await shell.shown("steadfetch odd --e", /!!/)).toContain(`even, ${ODD}`)
    expect(bare(await shell.completions("steadfetch odd "))).toEqual(["one", "two"])
    expect(await readdir(cwd)).not.toContain("pwned")
  })
})

/** Tells on standard error which files are loaded. */
const TELLING = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module"
  registerHooks({ load(url, context, next) { console.error(url); return next(url, context) } })
`)}`

test("its script is printed without waiting for what commands need to run", async () => {
  const { stderr } = await steadfetch(["completion", "zsh"], { env: { NODE_OPTIONS: `--import=${TELLING}` } })
  const files = stderr.split("\n").filter((line) => line.startsWith("file:"))
  expect(files.length).toBeGreaterThan(20)
  // The command's own files, the core, and what tells the width of a text.
  expect(files.filter((file) => !/\/packages\/(cli|core)\/src\/|\/fast-string-[^/]*\//.test(file))).toEqual([])
})

test("bash runs nothing of a description", onLinux, async () => {
  const cwd = await folder()
  await using shell = await startShell("bash", { cwd, script: bashScript([ODD_COMMAND]) })
  expect(bare(await shell.completions("steadfetch odd --"))).toEqual(["--even", "--odd"])
  expect(await readdir(cwd)).not.toContain("pwned")
})
