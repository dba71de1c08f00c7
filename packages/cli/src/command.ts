import { parseArgs } from "node:util"
import type { Surroundings } from "./surroundings.ts"
import { nearest, UsageError } from "./usage-error.ts"

/** An option as the command line takes it and as the help describes it. */
export interface OptionDescription {
  readonly type: "string" | "boolean"
  readonly short?: string
  readonly multiple?: boolean
  /** What stands for its value in the help; the shell completes files for FILE and @FILE, and folders for PATH. */
  readonly value?: string
  /** All values that there are; they stand for the value in the help, too. */
  readonly choices?: readonly string[]
  /** What it does; after a semicolon, what the shell need not show beside it. Quantities and choices name their default. */
  readonly help: string
}

export type Options = Readonly<Record<string, OptionDescription>>

/** One of the program's commands. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** What follows the command's name: "[METHOD] URL [OPTIONS]". Its operands in capitals are completed as `value` is. */
  readonly usage: string
  readonly options: Options
  /** Each a line for a shell, of 78 columns at most; a longer one goes on after a backslash. */
  readonly examples: readonly (readonly [what: string, line: string])[]
  /** Paragraphs below the options; one that begins with a space keeps its lines. */
  readonly notes: readonly string[]
  /** Checks the arguments and nothing beyond them. @throws UsageError naming the option and the fix. */
  parse(args: readonly string[], env: Surroundings["env"]): unknown
  /**
   * Resolves to the exit code. What is slow to load is imported here, so that help and completion, which ask for
   * descriptions alone, need not wait for it.
   */
  run(args: readonly string[], surroundings: Surroundings): Promise<number>
}

/** What stands for an option's value; undefined for a switch. */
export function placeholder({ choices, value }: OptionDescription): string | undefined {
  return choices?.join("|") ?? value
}

/**
 * Reads the arguments of a command.
 * @throws UsageError for an unknown option, with the nearest name, and for a value that is missing or too much.
 */
export function readArguments<const T extends Options>(command: string, options: T, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw usageError(command, options, error)
  }
}

/** curl's names for what has another name here. */
const CURL: Readonly<Record<string, string>> = {
  "-X": "the method stands before the URL: steadfetch call POST https://…",
  "-u": "give a token with --bearer-env NAME",
  "-o": "redirect the output: > FILE",
  "-s": "use --quiet",
  "-L": "redirects are followed without it",
}

function usageError(command: string, options: Options, error: unknown): unknown {
  if (!(error instanceof TypeError) || !("code" in error)) return error
  const [first = ""] = error.message.split("\n")
  const [named = ""] = /--[^' <,]+/.exec(first) ?? /(?<=')-[^' <,]*/.exec(first) ?? []
  if (error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const like = nearest(named.replace(/^-+/, ""), Object.keys(options))
    const fix = CURL[named] ?? (like === undefined ? undefined : `did you mean --${like}?`)
    return new UsageError(`${command} has no option ${named}${fix === undefined ? "" : `; ${fix}`}`)
  }
  if (/ambiguous|missing/.test(first)) {
    const name = named.replace(/^-+/, "")
    const described = Object.entries(options).find(([long, { short }]) => long === name || short === name)
    const value = described === undefined ? undefined : placeholder(described[1])
    return new UsageError(`${named} needs a value: ${named} ${value ?? "VALUE"}`)
  }
  return new UsageError(first.replace(/^Option '([^']*)'/, "$1"))
}
