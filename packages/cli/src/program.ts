import { readFile } from "node:fs/promises"
import { ConfigurationError } from "steadfetch"
import type { Command } from "./command.ts"
import { EXIT, Interruption } from "./exit-codes.ts"
import { commandHelp } from "./help.ts"
import { overview } from "./overview.ts"
import type { Surroundings } from "./surroundings.ts"
import { nearest, UsageError } from "./usage-error.ts"

export interface CommandEntry {
  readonly summary: string
  /** Loaded when it is wanted: nobody waits for the example API of the tour in order to make a call. */
  readonly load: () => Promise<Command>
}

/** All commands, in the order of the help. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  batch: {
    summary: "makes many calls, a few at a time, and tells how each ended",
    load: async () => (await import("./batch/command.ts")).batchCommand,
  },
  bench: {
    summary: "loads a server of yours, and tells how fast it is and how the calls ended",
    load: async () => (await import("./bench/command.ts")).benchCommand,
  },
  call: {
    summary: "calls an HTTP API and tells every attempt of it",
    load: async () => (await import("./call/command.ts")).callCommand,
  },
  completion: {
    summary: "prints what completes commands, options and values in a shell",
    load: async () => (await import("./completion/command.ts")).completionCommand(COMMANDS),
  },
  download: {
    summary: "downloads to a file, and goes on where it stopped",
    load: async () => (await import("./download/command.ts")).downloadCommand,
  },
  flaky: {
    summary: "starts a server that fails on purpose",
    load: async () => (await import("./flaky/command.ts")).flakyCommand,
  },
  gateway: {
    summary: "lets programs in any language call an API through it",
    load: async () => (await import("./gateway/command.ts")).gatewayCommand,
  },
  generate: {
    summary: "writes the types of an OpenAPI document",
    load: async () => (await import("./generate/command.ts")).generateCommand,
  },
  outbox: {
    summary: "looks at calls that were written down, mends and delivers them",
    load: async () => (await import("./outbox/command.ts")).outboxCommand,
  },
  replay: {
    summary: "makes the calls of a HAR file again, and compares how they end",
    load: async () => (await import("./replay/command.ts")).replayCommand,
  },
  tour: {
    summary: "shows what steadfetch does about every kind of answer, without a network",
    load: async () => (await import("./tour/command.ts")).tourCommand,
  },
  upload: {
    summary: "uploads a file by tus, and goes on where it stopped",
    load: async () => (await import("./upload/command.ts")).uploadCommand,
  },
  watch: {
    summary: "shows the calls of programs in the browser, live",
    load: async () => (await import("./watch/command.ts")).watchCommand,
  },
}

/** "call, flaky and tour". */
function listed(conjunction: "and" | "or"): string {
  const names = Object.keys(COMMANDS)
  return `${names.slice(0, -1).join(", ")} ${conjunction} ${names.at(-1)}`
}

/** Runs the command line. Resolves to the exit code; whatever goes wrong is told on standard error. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stderr, interrupted } = surroundings
  try {
    return await dispatch(args, surroundings)
  } catch (error) {
    if (error instanceof Interruption) return error.exitCode
    if (interrupted.aborted && interrupted.reason instanceof Interruption) return interrupted.reason.exitCode
    if (!(error instanceof UsageError || ConfigurationError.is(error))) throw error
    const [name = ""] = args
    stderr.line(`${stderr.paint("red", "steadfetch:")} ${error.message}`)
    stderr.line(stderr.paint("dim", `See steadfetch ${Object.hasOwn(COMMANDS, name) ? `${name} ` : ""}--help`))
    return EXIT.usage
  }
}

async function dispatch(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const [name, ...rest] = args
  const { stdout } = surroundings
  if (name === undefined) throw new UsageError(`name a command: ${listed("or")}`)
  if (name === "--version" || name === "-v") {
    stdout.line(await version())
    return EXIT.success
  }
  if (name === "--help" || name === "-h" || (name === "help" && rest.length === 0)) {
    stdout.text(overview(COMMANDS, stdout.paint))
    return EXIT.success
  }
  const [wanted, given] = name === "help" ? [rest[0] ?? "", ["--help"]] : [name, rest]
  const known = Object.hasOwn(COMMANDS, wanted) ? COMMANDS[wanted] : undefined
  if (known === undefined) throw new UsageError(unknown(wanted))
  const command = await known.load()
  if (asksForHelp(given)) {
    stdout.text(commandHelp(command, stdout.paint))
    return EXIT.success
  }
  return command.run(given, surroundings)
}

/** Sources and the build both stand in a folder below the manifest. */
async function version(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"))
  return (manifest as { readonly version: string }).version
}

/** Also beside arguments that are not right yet: whoever asks for help does not know them. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--")
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === "--help" || arg === "-h")
}

function unknown(name: string): string {
  if (name.startsWith("-")) return `there is no option ${name} before a command; name a command: ${listed("or")}`
  const like = nearest(name, Object.keys(COMMANDS))
  if (like !== undefined) return `there is no command ${JSON.stringify(name)}; did you mean ${like}?`
  const isUrl = /^https?:\/\//i.test(name)
  return `there is no command ${JSON.stringify(name)}; ${isUrl ? `write steadfetch call ${name}` : `there are ${listed("and")}`}`
}
