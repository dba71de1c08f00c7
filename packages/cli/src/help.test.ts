import { expect, test } from "vitest"
import { placeholder } from "./command.ts"
import { commandHelp } from "./help.ts"
import { plain } from "./paint.ts"
import { COMMANDS, run } from "./program.ts"
import { testSurroundings } from "./test-surroundings.ts"

const commands = await Promise.all(Object.values(COMMANDS).map(({ load }) => load()))

/** What of a help is too long for a terminal; a single word, such as a URL, cannot be broken. */
function tooLong(help: string): string[] {
  return help.split("\n").filter((line) => line.length > 80 && line.trim().includes(" "))
}

async function overview(): Promise<string> {
  const { surroundings, stdout } = testSurroundings()
  await run(["--help"], surroundings)
  return stdout.text()
}

/** The lines below a heading, up to the next. */
function section(help: string, heading: string): string[] {
  const lines = help.split("\n")
  const below = lines.slice(lines.indexOf(heading) + 1)
  const end = below.findIndex((line) => line !== "" && !line.startsWith(" "))
  return below.slice(0, end < 0 ? undefined : end).filter((line) => line !== "")
}

test("each command is loaded under its own name", () => {
  expect(commands.map(({ name }) => name)).toEqual(Object.keys(COMMANDS))
})

test.each(commands)("the help of $name says how it is used, and fits 80 columns", (command) => {
  const help = commandHelp(command, plain)
  expect(help).toContain(`Usage: steadfetch ${command.name} ${command.usage}\n`)
  expect(tooLong(help)).toEqual([])
})

test.each(commands)("the help of $name describes every option", (command) => {
  const text = section(commandHelp(command, plain), "Options:").join("\n")
  for (const [name, option] of Object.entries(command.options)) {
    const value = placeholder(option)
    expect(text).toContain(`--${name}${value === undefined ? "" : ` ${value}`}`)
    expect(option.help, `--${name}`).toMatch(/^\p{L}.{5}/u)
    expect(value !== undefined, `--${name} has a value as its type says`).toBe(option.type === "string")
  }
})

/** Values that hold also where nobody gives them; of any other, none is one. */
const QUANTITY = /^(NUMBER|DURATION|SECONDS|SHARE|CODE|ADDRESS)$/

test.each(commands)("the help of $name names the default of every quantity and choice", ({ options }) => {
  for (const [name, option] of Object.entries(options)) {
    if (option.choices === undefined && !QUANTITY.test(option.value ?? "")) continue
    expect(option.help, `--${name}`).toMatch(/\bdefault \S/)
  }
})

test.each(commands)("the help of $name ends with two examples or more, each with a word about it", (command) => {
  const lines = section(commandHelp(command, plain), "Examples:")
  const own = command.examples.filter(([, line]) => line.includes(`steadfetch ${command.name}`))
  expect(own.length).toBeGreaterThanOrEqual(2)
  const expected = command.examples.flatMap(([what, line]) => [`# ${what}`, ...line.split("\n")])
  expect(lines).toEqual(expected.map((line) => `  ${line}`))
})

test("the overview names every command, says what it does, and fits 80 columns", async () => {
  const text = await overview()
  expect(tooLong(text)).toEqual([])
  const names = section(text, "Commands:").flatMap((line) => /^ {2}(\S+) +\S/.exec(line)?.[1] ?? [])
  expect(names).toEqual(Object.keys(COMMANDS))
})

test("the overview has examples", async () => {
  expect(section(await overview(), "Examples:").length).toBeGreaterThanOrEqual(2)
})
