import { expect, test } from "vitest"
import { Interruption } from "./exit-codes.ts"
import { PROGRAM_OPTIONS } from "./overview.ts"
import { COMMANDS, run } from "./program.ts"
import { testSurroundings } from "./test-surroundings.ts"

const names = Object.keys(COMMANDS)

async function running(...args: string[]) {
  const { surroundings, stdout, stderr } = testSurroundings()
  const code = await run(args, surroundings)
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

test("--version prints the version alone", async () => {
  expect(await running("--version")).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: "",
  })
})

test.each(Object.entries(PROGRAM_OPTIONS))(
  "--%s and its short form are known without a command",
  async (name, { short }) => {
    const long = await running(`--${name}`)
    expect(long.code).toBe(0)
    expect(await running(`-${short}`)).toEqual(long)
  },
)

test.each([["--help"], ["-h"], ["help"]])("%s prints the commands", async (...args) => {
  const { code, stdout } = await running(...args)
  expect(code).toBe(0)
  for (const name of names) expect(stdout).toContain(`\n  ${name} `)
})

test.each([[["call", "--help"]], [["help", "call"]], [["call", "--no-such-option", "-h"]]])(
  "%j prints the help of call",
  async (args) => {
    const { code, stdout, stderr } = await running(...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).toContain("Usage: steadfetch call [METHOD] URL [OPTIONS]")
  },
)

test.each([
  [[], `name a command: ${names.slice(0, -1).join(", ")} or ${names.at(-1)}`],
  [["cal"], 'there is no command "cal"; did you mean call?'],
  [["https://example.com"], "write steadfetch call https://example.com"],
  [["--quiet", "call"], "there is no option --quiet before a command"],
  [
    ["constructor"],
    `there is no command "constructor"; there are ${names.slice(0, -1).join(", ")} and ${names.at(-1)}`,
  ],
])("%j is bad usage", async (args, message) => {
  const { code, stdout, stderr } = await running(...args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
  expect(stderr).toContain(message)
})

test("bad usage of a command points to its help", async () => {
  const { stderr } = await running("call")
  expect(stderr).toBe(
    "steadfetch: the URL is missing; write steadfetch call [METHOD] URL\nSee steadfetch call --help\n",
  )
})

test("an interruption before anything happened exits as a shell expects", async () => {
  const interrupted = AbortSignal.abort(new Interruption("SIGTERM"))
  const { surroundings } = testSurroundings({ interrupted })
  expect(await run(["call", "http://127.0.0.1:1/"], surroundings)).toBe(143)
})
